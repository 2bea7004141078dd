"""A small plot: how fast Parley gave way, one mark for each of the latest interruptions."""

import math
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen, Qt
from PySide6.QtWidgets import QSizePolicy, QWidget

from assistant.store.ledger import Record
from ui.ledger_marks import GOAL_MS, paint_mark
from ui.tokens import MEDIUM, Look, Role
from ui.wording_ledger import GOAL, LOWERED, PLOT_NAME, STOPPED, UNIT, restored

MOST: Final = 40
LINES: Final = 4


class LedgerPlot(QWidget):
    """Time runs from left to right; higher is slower."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look, self._compact = look, False
        self._records: tuple[Record, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(PLOT_NAME)

    def set_layout(self, look: Look, compact: bool) -> None:
        """Paint by `look` from now on, in one of the two layouts."""
        self._look, self._compact = look, compact
        self.updateGeometry()
        self.update()

    def show_records(self, records: Sequence[Record]) -> None:
        """Show the latest of `records`, which are in order of time."""
        self._records = tuple(records[-(MOST // 2 if self._compact else MOST) :])
        self.update()

    def sizeHint(self) -> QSize:
        """Wide and low."""
        return QSize(self._look.px(240), self._look.px(110 if self._compact else 160))

    def top(self) -> float:
        """The highest value of the scale, in milliseconds: a round number."""
        slowest = max([1.15 * GOAL_MS, *(record.latency_s * 1000 for record in self._records)])
        step = 10 ** math.floor(math.log10(slowest / LINES))
        nice = next(n for n in (1.0, 2.0, 2.5, 5.0, 10.0) if n * step * LINES >= slowest)
        return float(nice * step * LINES)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint scale, goal, marks and legend."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # time runs from left to right everywhere
        look, top = self._look, self.top()
        font = look.font(12, tabular=True)
        metrics = QFontMetricsF(font)
        left = max(map(metrics.horizontalAdvance, (f"{top:.0f}", f"0 {UNIT}"))) + 10
        right = 10 if self._compact else metrics.horizontalAdvance(GOAL) + 12
        below = 10 if self._compact else look.px(28)
        box = QRectF(left, 8, max(1.0, self.width() - left - right), max(1.0, self.height() - 8 - below))
        painter.setFont(font)
        for line in range(LINES + 1):
            y = box.bottom() - box.height() * line / LINES
            painter.setPen(look.color(Role.LINE))
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
            label = f"{top * line / LINES:.0f}" if line else f"0 {UNIT}"
            painter.setPen(look.color(Role.INK2))
            place = QRectF(0, y - 9, left - 8, 18)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, label)
        self._paint_goal(painter, box, box.bottom() - box.height() * GOAL_MS / top)
        step = box.width() / max(len(self._records), 8)
        for index, record in enumerate(self._records):
            y = box.bottom() - box.height() * min(1.0, record.latency_s * 1000 / top)
            paint_mark(painter, look, record, QPointF(box.left() + step * (index + 0.5), y), 14)
        if not self._compact:
            self._paint_legend(painter, box.left(), self.height() - look.px(9))

    def _paint_goal(self, painter: QPainter, box: QRectF, y: float) -> None:
        painter.setPen(QPen(self._look.color(Role.INK2), 1.3, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
        if not self._compact:
            painter.setFont(self._look.font(12, MEDIUM))
            painter.drawText(QPointF(box.right() + 8, y + 4), GOAL)

    def _paint_legend(self, painter: QPainter, x: float, baseline: float) -> None:
        look = self._look
        font = look.font(12, MEDIUM)
        for label, wanted in ((STOPPED, False), (LOWERED, True)):
            sample = next((record for record in self._records if restored(record) is wanted), None)
            if sample is None:
                continue
            paint_mark(painter, look, sample, QPointF(x + 7, baseline - 4), 12)
            painter.setFont(font)
            painter.setPen(look.color(Role.INK2))
            painter.drawText(QPointF(x + 20, baseline), label)
            x += 20 + QFontMetricsF(font).horizontalAdvance(label) + 20
