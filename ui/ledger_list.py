"""The rows of the ledger, as many as there are: a list that paints only what is in sight."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from assistant.store.ledger import Record
from ui import wording_ledger as words
from ui.buttons import paint_focus
from ui.ledger_marks import late, paint_mark
from ui.tokens import STRONG, Look, Role, scrollbar_style

Index = QModelIndex | QPersistentModelIndex


class LedgerModel(QAbstractListModel):
    """Records, newest first."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.records: tuple[Record, ...] = ()

    def show_records(self, records: Sequence[Record]) -> None:
        """Replace all."""
        self.beginResetModel()
        self.records = tuple(records)
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """How many there are."""
        return 0 if parent is not None and parent.isValid() else len(self.records)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The words of a row."""
        texts = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
        return words.spoken(self.records[index.row()]) if role in texts else None


class _Rows(QStyledItemDelegate):
    """Paints a record in columns, or on two lines."""

    def __init__(self, parent: QObject, model: LedgerModel, look: Look) -> None:
        super().__init__(parent)
        self._model = model
        self.look, self.compact = look, False

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """One or two lines high."""
        return QSize(100, self.look.px(64 if self.compact else 50))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one row."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # for numbers with their unit; words know their own
        look, record = self.look, self._model.records[index.row()]
        box = QRectF(option.rect)
        state = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, look.color(Role.SELECT))
        if index.row():
            painter.fillRect(QRectF(box.left() + 16, box.top(), box.width() - 32, 1), look.color(Role.LINE))
        if self.compact:
            self._paint_lines(painter, record, box)
        else:
            self._paint_columns(painter, record, box)
        if state & QStyle.StateFlag.State_HasFocus:
            paint_focus(painter, look, box.adjusted(2, 2, -2, -2), 5)
        painter.restore()

    def _paint_columns(self, painter: QPainter, record: Record, box: QRectF) -> None:
        left, said, parley, silent = columns(self.look, box.width())
        y, look = box.center().y(), self.look
        plain, strong = look.font(15), look.font(15, STRONG, tabular=True)
        self._text(
            painter, words.when(record), look.font(14, tabular=True), Role.INK2, box.left() + left, y, said - left
        )
        self._text(painter, words.said(record), plain, Role.INK, box.left() + said, y, parley - said - 40)
        paint_mark(painter, look, record, QPointF(box.left() + parley - 18, y), 14)
        self._text(painter, words.outcome(record), plain, Role.INK2, box.left() + parley, y, silent - parley - 90)
        self._latency(painter, record, strong, box.left() + silent, y)

    def _paint_lines(self, painter: QPainter, record: Record, box: QRectF) -> None:
        look, x, room = self.look, box.left() + 42, box.width() - 58
        first, second = box.center().y() - look.px(11), box.center().y() + look.px(12)
        strong = look.font(15, STRONG, tabular=True)
        paint_mark(painter, look, record, QPointF(box.left() + 22, first), 14)
        width = QFontMetricsF(strong).horizontalAdvance(words.milliseconds(record.latency_s)) + 16
        self._text(painter, words.said(record), look.font(15), Role.INK, x, first, room - width)
        line = f"{words.outcome(record)} · {words.when(record)}"
        self._text(painter, line, look.font(13, tabular=True), Role.INK2, x, second, room)
        self._latency(painter, record, strong, box.right() - 16, first)

    def _latency(self, painter: QPainter, record: Record, font: QFont, right: float, middle: float) -> None:
        text = words.milliseconds(record.latency_s)
        width = QFontMetricsF(font).horizontalAdvance(text)
        self._text(painter, text, font, Role.SIGNAL_INK if late(record) else Role.INK, right - width, middle, width + 1)

    def _text(
        self, painter: QPainter, text: str, font: QFont, role: Role, x: float, middle: float, room: float
    ) -> None:
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        painter.setPen(self.look.color(role))
        shown = metrics.elidedText(text.replace("\n", " "), Qt.TextElideMode.ElideRight, room)
        painter.drawText(QPointF(x, round(middle + metrics.capHeight() / 2)), shown)


def columns(look: Look, width: float) -> tuple[float, float, float, float]:
    """Where time, words and outcome begin, and where the latency ends."""
    said = 24 + look.px(120)
    parley = said + max(look.px(180), (width - said) * 0.45)
    return 24, said, parley, width - 24


class LedgerList(QListView):
    """Up and Down go through the rows; the current one is told by the selection model."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.rows = LedgerModel(self)
        self._delegate = _Rows(self, self.rows, look)
        self.setModel(self.rows)
        self.setItemDelegate(self._delegate)
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.setAccessibleName(words.LIST_NAME)

    def set_layout(self, look: Look, compact: bool) -> None:
        """Paint by `look` from now on, in one of the two layouts."""
        self._delegate.look, self._delegate.compact = look, compact
        self.verticalScrollBar().setStyleSheet(scrollbar_style(look))
        self.scheduleDelayedItemsLayout()
        self.viewport().update()
