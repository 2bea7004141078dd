"""Parley's main window: puts the parts together, hands snapshots out to them and commands on to the controller."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QElapsedTimer, QEvent, QPoint, QRect, QSize, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QGuiApplication,
    QHideEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from assistant.session.snapshot import Controller, Snapshot
from ui import wording
from ui.announcer import Announcer
from ui.banner import Banner, Message
from ui.bridge import Bridge
from ui.composer import Composer
from ui.dock import STOPPABLE, Dock
from ui.empty import EmptyState
from ui.header import Header
from ui.keys import Action, HoldKey, go_to_next, install
from ui.marks import window_icon
from ui.options_menu import OptionsMenu
from ui.overlay import Overlay
from ui.sheet import StarterSheet
from ui.side import SideList
from ui.thread import Thread
from ui.toast import Toasts
from ui.tokens import COMPACT_BELOW, Look, Role, Theme, resolve_theme, system_text_scale, widget_palette

METERS_EVERY_MS: Final = 33
SMALLEST, LARGEST, ZOOM_STEP = 0.75, 2.0, 0.1


class Window(QWidget):
    """The window. `first_painted` is emitted once, when the user can see it."""

    first_painted = Signal()

    def __init__(
        self,
        controller: Controller,
        *,
        theme: Theme = Theme.SYSTEM,
        text_scale: float = 1.0,
        reduced_motion: bool = False,
        settings_file: str = "",
    ) -> None:
        super().__init__()
        self._controller = controller
        self._theme, self._calm = theme, reduced_motion
        self._scale = self._usual_scale = min(LARGEST, text_scale * system_text_scale())
        self._compact: bool | None = None
        self._painted = False
        self._snapshot = controller.snapshot
        self.look = Look(resolve_theme(theme), self._scale, reduced_motion)
        self._build(settings_file)
        self._connect()
        self._clock = QElapsedTimer()
        self._meters = QTimer(self, interval=METERS_EVERY_MS)
        self._meters.timeout.connect(self._poll)
        self.setWindowIcon(window_icon())
        self.setMinimumSize(QSize(380, 680))
        self.resize(1120, 760)
        self._apply_look()
        self.show_snapshot(controller.snapshot)
        self.composer.field.setFocus()

    def _build(self, settings_file: str) -> None:
        look = self.look
        self.side = SideList(look, self)
        self.header = Header(look)
        self.banner = Banner(look)
        self.thread_view = Thread(look, self.header.options)
        self.empty = EmptyState(look)
        self.middle = QStackedWidget()
        self.middle.addWidget(self.empty)
        self.middle.addWidget(self.thread_view)
        self.dock = Dock(look)
        self.composer = Composer(look)
        content = QVBoxLayout()
        for part in (self.header, self.banner, self.middle, self.dock, self.composer):
            content.addWidget(part, 1 if part is self.middle else 0)
        self._row = QHBoxLayout(self)
        self._row.addLayout(content, 1)
        for box in (content, self._row):
            box.setContentsMargins(0, 0, 0, 0)
            box.setSpacing(0)
        self.toasts = Toasts(self, look)
        self.overlay = Overlay(self)
        self.sheet = StarterSheet(look, self, settings_file)

    def _connect(self) -> None:
        controller = self._controller
        self.announcer = Announcer(self)
        self.bridge = Bridge(controller, self)
        self.bridge.arrived.connect(self.show_snapshot)
        self.dock.stop_pressed.connect(self.stop)
        self.composer.sent.connect(controller.say)
        self.composer.mute_asked.connect(controller.set_muted)
        self.hold = HoldKey(self)
        self.composer.hold_changed.connect(self.hold.hold)
        self.hold.changed.connect(self.composer.hold.setDown)
        self.hold.changed.connect(controller.hold_to_talk)
        self.thread_view.continue_asked.connect(controller.continue_reply)
        self.empty.unmute_asked.connect(lambda: controller.set_muted(False))
        self.side.new_asked.connect(self._new_conversation)
        self.header.drawer_asked.connect(lambda: self.overlay.open(self.side, self.side.new))
        for asker in (self.side, self.banner):
            asker.details_asked.connect(lambda: self.overlay.open(self.sheet, self.sheet.close_button))
        self.sheet.closed.connect(self.overlay.close_panel)
        self.overlay.closed.connect(self.composer.field.setFocus)
        actions: dict[Action, Callable[[], object]] = {
            Action.STOP: self.escape,
            Action.MUTE: lambda: controller.set_muted(not self._snapshot.muted),
            Action.CONTINUE: lambda: controller.continue_reply(None),
            Action.FIELD: self.composer.field.setFocus,
            Action.NEW: self._new_conversation,
            Action.LARGER: lambda: self.zoom_to(self._scale + ZOOM_STEP),
            Action.SMALLER: lambda: self.zoom_to(self._scale - ZOOM_STEP),
            Action.USUAL_SIZE: lambda: self.zoom_to(self._usual_scale),
            Action.NEXT_REGION: self._next_region,
        }
        install(self, actions)
        self.options = OptionsMenu(self, actions, self.set_theme, self._escape_in_menu)
        self.header.options.clicked.connect(self._open_options)
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._apply_look)
        hints.accessibility().contrastPreferenceChanged.connect(self._apply_look)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show a picture of the session."""
        self._snapshot = snapshot = wording.without_false_alarm(snapshot)
        self.setWindowTitle(wording.window_title(snapshot))
        for part in (self.side, self.header, self.empty, self.dock, self.composer):
            part.show_snapshot(snapshot)
        self.thread_view.show_turns(snapshot.turns, snapshot.state)
        self.middle.setCurrentWidget(self.thread_view if snapshot.turns else self.empty)
        self._show_banner()
        self.announcer.snapshot(snapshot)
        self.announcer.notices(self.toasts.show_notices(snapshot.notices))

    def stop(self) -> None:
        """Stop Parley; say so if there was nothing to stop."""
        self._controller.stop()
        note = self.dock.note_stop()
        if note:
            self.announcer.say(note)

    def escape(self) -> None:
        """Stop; but first close what is open, if there is nothing to stop."""
        if self._snapshot.state in STOPPABLE or not self.overlay.close_panel():
            self.stop()

    def zoom_to(self, scale: float) -> None:
        """Show text `scale` times its usual size."""
        self._scale = min(LARGEST, max(SMALLEST, round(scale, 2)))
        self._apply_look()

    def set_theme(self, theme: Theme) -> None:
        """Change the colours."""
        self._theme = theme
        self._apply_look()

    @property
    def compact(self) -> bool:
        """Whether the window is too narrow (for its text) to show the side list."""
        return self.width() < COMPACT_BELOW * self.look.scale

    def _apply_look(self) -> None:
        self.look = look = Look(resolve_theme(self._theme), self._scale, self._calm)
        self._compact = compact = self.compact
        self.setPalette(widget_palette(look))
        for part in (self.header, self.dock, self.composer, self.thread_view, self.empty):
            part.set_look(look, compact)
        for simple in (self.side, self.sheet, self.toasts, self.options):
            simple.set_look(look)
        self.options.show_theme(self._theme)
        self._place_side()
        self._show_banner()
        self._place_overlays()
        self.update()

    def _place_side(self) -> None:
        """In the row, or out of it as a drawer."""
        self.overlay.close_panel()
        self._row.removeWidget(self.side)
        if not self._compact:
            self._row.insertWidget(0, self.side)
        self.side.setVisible(not self._compact)

    def _show_banner(self) -> None:
        messages = tuple(Message(text, problem=True) for text in wording.problems(self._snapshot))
        if self._snapshot.starter and self._compact:
            messages += (Message(wording.STARTER_LINE, details=True),)
        if self.banner.show_messages(self.look, messages, bool(self._compact)):
            self._place_toasts()

    def _new_conversation(self) -> None:
        self.overlay.close_panel()
        self._controller.new_conversation()
        self.composer.field.setFocus()

    def _open_options(self) -> None:
        button = self.header.options
        corner = button.mapToGlobal(button.rect().bottomRight())
        self.options.popup(corner - QPoint(self.options.sizeHint().width(), 0))

    def _escape_in_menu(self) -> bool:
        if self._snapshot.state not in STOPPABLE:
            return False
        self.stop()
        return True

    def _next_region(self) -> None:
        """Move the focus on: list, conversation, dock, composer."""
        regions: list[tuple[QWidget, QWidget]] = [(self.side, self.side.new)] if self.side.isVisible() else []
        last = self.thread_view.last_turn
        if last is not None:
            regions.append((self.thread_view, last))
        go_to_next([*regions, (self.dock, self.dock.stop), (self.composer, self.composer.field)])

    def _place_overlays(self) -> None:
        bottom = self.height() - self.dock.height() - self.composer.height()
        left = 0 if self._compact else self.side.width()
        below = QRect(left, bottom, self.width(), self.height() - bottom)
        self.overlay.setGeometry(self.rect())
        self.overlay.setMask(QRegion(self.rect()) - QRegion(below))  # Stop is never covered
        if self._compact:
            self.side.setGeometry(0, 0, self.side.width(), bottom)
        self.sheet.place(self.width(), bottom)
        self._place_toasts()

    def _place_toasts(self) -> None:
        """Under the header and whatever stands under that."""
        width = self.width() - (0 if self._compact else self.side.width())
        banner = 0 if self.banner.isHidden() else self.banner.heightForWidth(width)
        self.toasts.arrange(self.header.height() + banner)

    def _poll(self) -> None:
        """Move what moves. Nothing is painted unless something has changed."""
        meters = self._controller.meters()
        self.dock.show_meters(meters, self._clock.restart() / 1000)
        self.thread_view.set_playhead(meters.playhead)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Watch for the push-to-talk key."""
        if not self.hold.pressed(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Watch for the push-to-talk key."""
        if not self.hold.released(event):
            super().keyReleaseEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Let go of the push-to-talk key when another window takes the keyboard."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.ActivationChange and not self.isActiveWindow():
            self.hold.let_go()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Change the layout where the width asks for it."""
        super().resizeEvent(event)
        if self.compact is not self._compact:
            self._apply_look()
        self._place_overlays()

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to follow the levels."""
        super().showEvent(event)
        self._clock.start()
        self._meters.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop following the levels."""
        super().hideEvent(event)
        self._meters.stop()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Let go of the push-to-talk key; whoever runs the window closes the session once it is gone from sight."""
        self.hold.let_go()
        super().closeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the canvas."""
        QPainter(self).fillRect(self.rect(), self.look.color(Role.CANVAS))
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self.first_painted.emit)
