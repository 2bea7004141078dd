"""What opens above the conversation: the drawer and sheets, on a shade that never covers the dock."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget


class Overlay(QWidget):
    """The shade behind one open panel; a click on it closes the panel."""

    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._panel: QWidget | None = None
        self.hide()

    def open(self, panel: QWidget, focus: QWidget) -> None:
        """Show `panel` in place of the one before, and give the keyboard to `focus` in it."""
        self.close_panel()
        self._panel = panel
        for widget in (self, panel):
            widget.show()
            widget.raise_()
        focus.setFocus(Qt.FocusReason.PopupFocusReason)

    def close_panel(self) -> bool:
        """Close the open panel; says whether there was one."""
        panel, self._panel = self._panel, None
        if panel is None:
            return False
        panel.hide()
        self.hide()
        self.closed.emit()
        return True

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Close on a click beside the panel."""
        self.close_panel()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the shade."""
        painter = QPainter(self)
        painter.setOpacity(0.45)
        painter.fillRect(self.rect(), Qt.GlobalColor.black)
