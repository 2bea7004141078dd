"""The menu behind the dots: theme, size of the text, new conversation."""

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtGui import QActionGroup, QKeyEvent, Qt
from PySide6.QtWidgets import QMenu, QWidget

from ui.keys import KEYS, Action
from ui.tokens import Look, Role, Theme

_THEMES: Final = {
    Theme.SYSTEM: "Like the system",
    Theme.LIGHT: "Light",
    Theme.DARK: "Dark",
    Theme.CONTRAST: "High contrast",
}
_ACTIONS: Final = {
    Action.NEW: "New conversation",
    Action.LARGER: "Larger text",
    Action.SMALLER: "Smaller text",
    Action.USUAL_SIZE: "Usual text size",
}


class OptionsMenu(QMenu):
    """Escape closes it only if there is nothing to stop: `on_escape` says whether it stopped something."""

    def __init__(
        self,
        parent: QWidget,
        actions: dict[Action, Callable[[], object]],
        set_theme: Callable[[Theme], None],
        on_escape: Callable[[], bool],
    ) -> None:
        super().__init__(parent)
        self._on_escape = on_escape
        for action, label in _ACTIONS.items():
            self.addAction(f"{label}\t{KEYS[action][0]}").triggered.connect(partial(_call, actions[action]))
        self.addSeparator()
        self._themes = QActionGroup(self)
        for theme, label in _THEMES.items():
            item = self.addAction(label)
            item.setCheckable(True)
            item.setData(theme)
            item.triggered.connect(partial(_call, partial(set_theme, theme)))
            self._themes.addAction(item)

    def show_theme(self, theme: Theme) -> None:
        """Tick the theme in use."""
        for item in self._themes.actions():
            item.setChecked(item.data() == theme)

    def set_look(self, look: Look) -> None:
        """Paint by `look` from now on."""
        self.setFont(look.font(14))
        raised, line, ink, select = (
            look.color(role).name() for role in (Role.RAISED, Role.LINE, Role.INK, Role.SELECT)
        )
        self.setStyleSheet(
            f"QMenu {{ background: {raised}; color: {ink}; border: 1px solid {line}; padding: 6px; }}"
            f"QMenu::item {{ padding: 8px 22px 8px 26px; border-radius: 5px; }}"
            f"QMenu::item:selected {{ background: {select}; }}"
            f"QMenu::separator {{ height: 1px; background: {line}; margin: 6px 4px; }}"
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape stops first."""
        if event.key() == Qt.Key.Key_Escape and self._on_escape():
            return
        super().keyPressEvent(event)


def _call(action: Callable[[], object], _checked: bool = False) -> None:
    action()
