"""The quiet lines above a reply: which tools were called for it, and what came of that."""

from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from assistant.session.snapshot import ToolView, UseStatus
from ui.buttons import Button, Kind
from ui.card import Glyph
from ui.icons import Icon
from ui.labels import Text
from ui.tokens import MEDIUM, Look, Role
from ui.wording_tools import UNDO, tool_line, undo_name

BELOW: Final = 8
"""Room between the lines and the text of the reply."""
_BY_STATUS: Final = {
    UseStatus.FAILED: (Icon.WARNING, Role.SIGNAL_INK),
    UseStatus.CANCELLED: (Icon.CUT, Role.SAFFRON_INK),
    UseStatus.UNDONE: (Icon.UNDO, Role.INK2),
}
_BY_NAME: Final = {"calculate": Icon.CALCULATE}


class ToolLines(QWidget):
    """One line for each call. `undo_asked` carries the handle of the call that is to be taken back."""

    undo_asked = Signal(str)

    def __init__(self, parent: QWidget, look: Look) -> None:
        super().__init__(parent)
        self._shown: tuple[Look, tuple[ToolView, ...]] = (look, ())
        self.undo_buttons: list[Button] = []
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 2, 0, BELOW)
        self._box.setSpacing(2)
        self.hide()

    def show_tools(self, look: Look, tools: tuple[ToolView, ...], width: int) -> int:
        """Show `tools` in `width` pixels; returns the height, 0 without any."""
        if self._shown != (look, tools):
            self._shown = (look, tools)
            self._rebuild()
        self.setVisible(bool(tools))
        return self._box.heightForWidth(width) if tools else 0

    def _rebuild(self) -> None:
        look, tools = self._shown
        self.undo_buttons.clear()
        while (item := self._box.takeAt(0)) is not None:
            line = item.widget()
            if line is not None:
                line.hide()
                line.deleteLater()
        for tool in tools:
            self._box.addWidget(self._line(look, tool))

    def _line(self, look: Look, tool: ToolView) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        icon, role = _BY_STATUS.get(tool.status, (_BY_NAME.get(tool.name, Icon.CLOCK), Role.TIDE))
        row.addWidget(Glyph(look, icon, 14, role), 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(Text(look, tool_line(tool), 13, MEDIUM, Role.INK2, wrap=True, tabular=True), 1)
        if tool.undo:
            button = Button(look, Kind.LINK, UNDO, name=undo_name(tool))
            button.clicked.connect(partial(self._ask, tool.undo))
            self.undo_buttons.append(button)
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        return line

    def _ask(self, handle: str, _checked: bool = False) -> None:
        self.undo_asked.emit(handle)
