"""The window's parts and where they lie: side list, conversation or page, and what opens above them."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QRect, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from assistant.paths import data_dir, settings_file
from assistant.session.snapshot import Snapshot
from assistant.settings import Settings
from assistant.store import FILE_NAME
from ui import wording
from ui.background import Background
from ui.banner import Message
from ui.content import Content
from ui.interruptions_page import InterruptionsPage
from ui.overlay import Overlay
from ui.preferences import Preferences
from ui.settings_page import SettingsPage
from ui.sheet import StarterSheet
from ui.side import SideList
from ui.toast import Toasts
from ui.tokens import (
    COMPACT_BELOW,
    LARGEST_SCALE,
    Look,
    Role,
    Theme,
    resolve_theme,
    system_reduces_motion,
    system_text_scale,
    widget_palette,
)

ROOMY_BELOW: Final = 1.4
"""With larger text a narrow window has room for what matters most."""


class Frame(QWidget):
    """Lays itself out by its width and its look. `look_changed`: that has changed something."""

    look_changed = Signal()

    def __init__(self, snapshot: Snapshot, settings: Settings, apply: Callable[[Settings], object]) -> None:
        """`apply` makes the session use settings; any thread may call it."""
        super().__init__()
        self.snapshot = snapshot
        self.background = Background(self)
        self.preferences = Preferences(settings, apply, self.background, self)
        self._compact: bool | None = None
        self.look = self._wanted_look()
        self._build()
        self.setMinimumSize(QSize(380, 680))
        self.resize(1120, 760)

    def _build(self) -> None:
        look = self.look
        self.side = SideList(look, self)
        self.settings_page = SettingsPage(look, self.preferences)
        self.interruptions_page = InterruptionsPage(look, data_dir() / FILE_NAME, self.background)
        self.content = Content(look, (self.settings_page, self.interruptions_page))
        self.header, self.banner, self.middle = self.content.header, self.content.banner, self.content.middle
        self.thread_view, self.empty = self.content.thread_view, self.content.empty
        self.dock, self.composer = self.content.dock, self.content.composer
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.content, 1)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self.toasts = Toasts(self, look)
        self.overlay = Overlay(self)
        self.sheet = StarterSheet(look, self, str(settings_file()))

    @property
    def compact(self) -> bool:
        """Whether the window is too narrow (for its text) to show the side list."""
        return self.width() < COMPACT_BELOW * self.look.scale

    def _wanted_look(self) -> Look:
        """As the settings and the desktop ask for."""
        settings = self.preferences.settings
        calm = {"on": True, "off": False}.get(settings.reduced_motion)
        scale = min(LARGEST_SCALE, settings.text_scale * system_text_scale())
        return Look(resolve_theme(Theme(settings.theme)), scale, system_reduces_motion() if calm is None else calm)

    def apply_look(self) -> None:
        """Take over the look that the settings and the desktop ask for now."""
        before, self.look = (self.look, self._compact), self._wanted_look()
        look, compact = self.look, self.compact
        if (look, compact) == before:
            return
        self._compact = compact
        self.setPalette(widget_palette(look))
        self.content.set_look(look, compact)
        for simple in (self.side, self.sheet, self.toasts):
            simple.set_look(look)
        self._place_side()
        self.show_banner()
        self.place_overlays()
        self.look_changed.emit()
        self.update()

    def _place_side(self) -> None:
        """In the row, or out of it as a drawer."""
        self.overlay.close_panel()
        self._row.removeWidget(self.side)
        if not self._compact:
            self._row.insertWidget(0, self.side)
        self.side.setVisible(not self._compact)

    def show_banner(self) -> None:
        """Say what stays true for a while."""
        messages = tuple(Message(text, problem=True) for text in wording.problems(self.snapshot))
        roomy = self.look.scale < ROOMY_BELOW or not messages
        if self.snapshot.starter and self._compact and roomy and self.content.page is None:
            messages += (Message(wording.STARTER_SHORT, details=True),)
        if self.banner.show_messages(self.look, messages, bool(self._compact)):
            self.place_toasts()

    def place_overlays(self) -> None:
        """Put what lies above the parts where it belongs."""
        composer = self.composer.height() if self.content.page is None else 0
        bottom = self.height() - self.dock.height() - composer
        left = 0 if self._compact else self.side.width()
        below = QRect(left, bottom, self.width(), self.height() - bottom)
        self.overlay.setGeometry(self.rect())
        self.overlay.setMask(QRegion(self.rect()) - QRegion(below))  # Stop is never covered
        if self._compact:
            self.side.setGeometry(0, 0, self.side.width(), bottom)
        self.sheet.place(self.width(), bottom)
        self.place_toasts()

    def place_toasts(self) -> None:
        """Under the header and whatever stands under that; over no text but the title of a page."""
        left = 0 if self._compact else self.side.width()
        top = 0 if self.banner.isHidden() else self.banner.heightForWidth(self.width() - left)
        if self.content.page is None:
            top += self.header.height()
        composer = self.composer.height() if self.content.page is None else 0
        height = self.toasts.arrange(left, top, self.height() - self.dock.height() - composer)
        self.content.leave_room(height if self._compact or self.content.page is None else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Change the layout where the width asks for it."""
        super().resizeEvent(event)
        if self.compact is not self._compact:
            self.apply_look()
        self.place_overlays()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the canvas."""
        QPainter(self).fillRect(self.rect(), self.look.color(Role.CANVAS))
