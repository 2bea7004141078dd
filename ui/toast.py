"""Toasts: short notices at the top right. They go after six seconds; problems stay until they are closed."""

from typing import Final

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from assistant.core.effects import Level
from assistant.session.snapshot import Notice
from ui.buttons import Button, Kind
from ui.card import Glyph
from ui.icons import Icon
from ui.labels import Text
from ui.marks import paint_round
from ui.tokens import MEDIUM, Look, Role

SHOWN_FOR_MS: Final = 6000
WIDTH: Final = 360
SHADOW: Final = 12
MOST: Final = 4


class Toast(QWidget):
    """One notice."""

    closed = Signal()

    def __init__(self, parent: QWidget, look: Look, notice: Notice) -> None:
        super().__init__(parent)
        self.notice = notice
        problem = notice.level is Level.PROBLEM
        icon, role = (Icon.WARNING, Role.SIGNAL_INK) if problem else (Icon.INFO, Role.TIDE)
        self._glyph = Glyph(look, icon, 20, role)
        self._text = Text(look, notice.text, 14, MEDIUM, wrap=True)
        self._close = Button(look, Kind.QUIET, "", Icon.CLOSE, name="Close")
        self._close.clicked.connect(self.closed)
        row = QHBoxLayout(self)
        row.setContentsMargins(16 + SHADOW, 6 + SHADOW, 6 + SHADOW, 6 + SHADOW)
        row.setSpacing(12)
        row.addWidget(self._glyph, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._text, 1)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setAccessibleName(notice.text)
        self.set_look(look)
        if not problem:
            QTimer.singleShot(SHOWN_FOR_MS, self, self.closed.emit)

    def set_look(self, look: Look) -> None:
        """Paint by `look` from now on."""
        self._look = look
        for part in (self._glyph, self._text, self._close):
            part.set_look(look)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint shadow (a line in the dark themes) and surface."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(SHADOW, SHADOW, -SHADOW, -SHADOW)
        if self._look.light:
            for grow in range(SHADOW, 0, -2):
                paint_round(painter, box.adjusted(-grow, -grow + 4, grow, grow), 14 + grow, QColor(10, 30, 28, 4))
        line = None if self._look.light else self._look.color(Role.LINE)
        paint_round(painter, box, 14, self._look.color(Role.RAISED), line, 1)


class Toasts:
    """The stack of toasts in the top right corner of `area`. Each notice is shown once, the latest on top."""

    def __init__(self, area: QWidget, look: Look) -> None:
        self._area, self._look = area, look
        self._last_number: int | None = None
        self._top = 0
        self.shown: list[Toast] = []

    def show_notices(self, notices: tuple[Notice, ...]) -> tuple[Notice, ...]:
        """Show those of `notices` that are new, and return them."""
        new = tuple(n for n in notices if self._last_number is None or n.number > self._last_number)
        for notice in new:
            self._last_number = notice.number
            toast = Toast(self._area, self._look, notice)
            toast.closed.connect(lambda toast=toast: self._remove(toast))
            self.shown.insert(0, toast)
            toast.show()
        for toast in self.shown[MOST:]:
            self._remove(toast)
        if new:
            self.arrange(self._top)
        return new

    def set_look(self, look: Look) -> None:
        """Paint by `look` from now on."""
        self._look = look
        for toast in self.shown:
            toast.set_look(look)

    def arrange(self, top: int) -> None:
        """Stack the toasts from `top` down, at the right."""
        self._top = top
        y = top + 12 - SHADOW
        width = min(self._look.px(WIDTH), self._area.width() - 24) + 2 * SHADOW
        for toast in self.shown:
            layout = toast.layout()
            height = max(self._look.px(52) + 2 * SHADOW, layout.heightForWidth(width) if layout else 0)
            toast.setGeometry(self._area.width() - width - 12 + SHADOW, y, width, height)
            toast.raise_()
            y += height - SHADOW

    def _remove(self, toast: Toast) -> None:
        if toast in self.shown:
            self.shown.remove(toast)
            toast.hide()
            toast.deleteLater()
            self.arrange(self._top)
