"""A panel in the middle of the window that says what the starter models are and how to use other ones."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui import wording
from ui.buttons import Button, Kind
from ui.card import Card
from ui.labels import Text
from ui.tokens import STRONG, Look, Role

WIDTH: Final = 540


class StarterSheet(Card):
    """Closed with its button, Escape, or a click beside it."""

    closed = Signal()

    def __init__(self, look: Look, parent: QWidget, settings_file: str) -> None:
        super().__init__(look, parent)
        self.close_button = Button(look, Kind.PRIMARY, "Close", width=110)
        self.close_button.clicked.connect(self.closed)
        self._texts = [Text(look, "About the starter models", 22, STRONG, wrap=True)]
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 22, 20, 16)
        box.setSpacing(10)
        for paragraph in wording.STARTER_DETAILS:
            self._texts.append(Text(look, paragraph, 15, role=Role.INK2, wrap=True))
        place = f"# {settings_file or 'settings.toml'}"
        lines = (wording.STARTER_COMMAND, "", place, *wording.STARTER_SETTINGS)
        self.commands = Text(look, "\n".join(lines), 14, wrap=True)
        self._texts.append(self.commands)
        self.commands.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for text in self._texts:
            box.addWidget(text)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.close_button)
        box.addLayout(row)
        self.setAccessibleName("About the starter models")
        self.hide()

    def set_look(self, look: Look) -> None:
        """Paint by `look` from now on."""
        super().set_look(look)
        for text in self._texts:
            text.set_look(look)
        mono = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        mono.setPixelSize(look.px(13))
        self.commands.setFont(mono)
        self.close_button.set_look(look)

    def place(self, width: int, height: int) -> None:
        """Centre in a window of `width` by `height`."""
        wide = min(self.look.px(WIDTH), width - 32)
        layout = self.layout()
        high = min(layout.heightForWidth(wide) if layout else 0, height - 32)
        self.setGeometry((width - wide) // 2, (height - high) // 2, wide, high)
