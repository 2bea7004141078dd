"""A field to search with."""

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit

from ui.editors import field_style
from ui.icons import Icon, paint_icon
from ui.tokens import Look, Role


class SearchField(QLineEdit):
    """Escape clears it first; `left_down` asks for the first of what was found."""

    left_down = Signal()

    def __init__(self, look: Look, label: str) -> None:
        super().__init__()
        self.setPlaceholderText(label)
        self.setAccessibleName(label)
        self.setClearButtonEnabled(False)
        self.set_look(look)

    def set_look(self, look: Look) -> None:
        """Paint by `look` from now on."""
        self._look = look
        self.setFont(look.font(14))
        self.setStyleSheet(field_style(look, "QLineEdit"))
        room = look.px(16) + 12
        rtl = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        self.setTextMargins(0 if rtl else room, 0, room if rtl else 0, 0)
        self.setFixedHeight(look.px(38))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Down goes into what was found."""
        if event.key() == Qt.Key.Key_Down:
            self.left_down.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the glass."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        size = self._look.px(16)
        rtl = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        x = self.width() - 12 - size / 2 if rtl else 12 + size / 2
        paint_icon(painter, Icon.SEARCH, QPointF(x, self.height() / 2), size, self._look.color(Role.INK2), 1.9)
