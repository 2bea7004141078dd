"""The keys. On macOS Qt reads Ctrl as Command."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QWidget

from ui.wording_pages import PageName


class Action(StrEnum):
    """What a key can do."""

    STOP = "stop"
    MUTE = "mute"
    CONTINUE = "continue"
    FIELD = "field"
    NEW = "new"
    LARGER = "larger"
    SMALLER = "smaller"
    USUAL_SIZE = "usual_size"
    NEXT_REGION = "next_region"
    SETTINGS = "settings"
    INTERRUPTIONS = "interruptions"
    BACK = "back"


KEYS: Final[dict[Action, tuple[str, ...]]] = {
    Action.STOP: ("Esc",),
    Action.MUTE: ("Ctrl+M",),
    Action.CONTINUE: ("Ctrl+Return", "Ctrl+Enter"),
    Action.FIELD: ("Ctrl+L",),
    Action.NEW: ("Ctrl+N",),
    Action.LARGER: ("Ctrl++", "Ctrl+="),
    Action.SMALLER: ("Ctrl+-",),
    Action.USUAL_SIZE: ("Ctrl+0",),
    Action.NEXT_REGION: ("F6",),
    Action.SETTINGS: ("Ctrl+,",),
    Action.INTERRUPTIONS: ("Ctrl+2",),
    Action.BACK: ("Alt+Left",),
}
PAGE_ACTIONS: Final = {PageName.SETTINGS: Action.SETTINGS, PageName.INTERRUPTIONS: Action.INTERRUPTIONS}
"""The action that opens each page."""
HOLD_KEY: Final = Qt.Key.Key_F8


def install(window: QWidget, actions: dict[Action, Callable[[], object]]) -> None:
    """Bind every key of `KEYS` in all of the application's windows; a key held down acts once."""
    for action, keys in KEYS.items():
        for key in keys:
            shortcut = QShortcut(QKeySequence(key), window)
            shortcut.setContext(Qt.ShortcutContext.ApplicationShortcut)
            shortcut.setAutoRepeat(action in (Action.LARGER, Action.SMALLER))
            shortcut.activated.connect(actions[action])


def go_to_next(regions: Sequence[tuple[QWidget, QWidget]]) -> None:
    """Give the focus to the region after the one that has it; each is given with its widget that takes the focus."""
    focus = QApplication.focusWidget()
    holders = (number for number, (region, _) in enumerate(regions) if focus is not None and region.isAncestorOf(focus))
    following = (next(holders, -1) + 1) % len(regions)
    regions[following][1].setFocus(Qt.FocusReason.ShortcutFocusReason)


class HoldKey(QObject):
    """F8 as a push-to-talk key: tells its press and its release, and releases when the window loses the keyboard."""

    changed = Signal(bool)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._held = False

    def pressed(self, event: QKeyEvent) -> bool:
        """Take a key press; says whether it was the key."""
        return self._take(event, held=True)

    def released(self, event: QKeyEvent) -> bool:
        """Take a key release; says whether it was the key."""
        return self._take(event, held=False)

    def let_go(self) -> None:
        """Release, because the real release will not be seen."""
        self.hold(False)

    def hold(self, held: bool) -> None:
        """Press or release by other means than the key."""
        if held is not self._held:
            self._held = held
            self.changed.emit(held)

    def _take(self, event: QKeyEvent, held: bool) -> bool:
        if event.key() != HOLD_KEY:
            return False
        if not event.isAutoRepeat():
            self.hold(held)
        return True
