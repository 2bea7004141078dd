"""Slim lines under the header, for what stays true for a while: a fault, or that only the starter models are here."""

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.buttons import Button, Kind
from ui.card import Glyph
from ui.icons import Icon
from ui.labels import Text
from ui.tokens import MEDIUM, NORMAL, Look, Role


@dataclass(frozen=True, slots=True)
class Message:
    """One line; `details` puts a Details button beside it."""

    text: str
    problem: bool = False
    details: bool = False


class _Strip(QWidget):
    """One message."""

    details_asked = Signal()

    def __init__(self, look: Look, message: Message, indent: int) -> None:
        super().__init__()
        self._look, self._message = look, message
        icon, role = (Icon.WARNING, Role.SIGNAL_INK) if message.problem else (Icon.MODELS, Role.INK2)
        row = QHBoxLayout(self)
        row.setContentsMargins(indent, 7, indent - 8, 8)
        row.setSpacing(10)
        row.addWidget(Glyph(look, icon, 18, role), 0, Qt.AlignmentFlag.AlignVCenter)
        weight = MEDIUM if message.problem else NORMAL
        text = Text(look, message.text, 13, weight, Role.INK if message.problem else Role.INK2, wrap=True)
        row.addWidget(text, 1)
        if message.details:
            button = Button(look, Kind.LINK, "Details", name="About the starter models")
            button.clicked.connect(self.details_asked)
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the wash of a fault, or the canvas, and the hairline below."""
        painter = QPainter(self)
        wash = Role.SIGNAL_WASH if self._message.problem else Role.CANVAS
        painter.fillRect(self.rect(), self._look.color(wash))
        painter.fillRect(0, self.height() - 1, self.width(), 1, self._look.color(Role.LINE))


class Banner(QWidget):
    """All messages, one under the other; takes no room when there is none."""

    details_asked = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._shown: tuple[Look, tuple[Message, ...], bool] | None = None
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(0)
        self.show_messages(look, (), False)

    def show_messages(self, look: Look, messages: tuple[Message, ...], compact: bool) -> bool:
        """Show `messages` in place of those before; says whether anything changed."""
        if (look, messages, compact) == self._shown:
            return False
        self._shown = (look, messages, compact)
        while (item := self._box.takeAt(0)) is not None:
            strip = item.widget()
            if strip is not None:
                strip.hide()
                strip.deleteLater()
        for message in messages:
            new = _Strip(look, message, 16 if compact else 32)
            new.details_asked.connect(self.details_asked)
            self._box.addWidget(new)
        self.setVisible(bool(messages))
        return True
