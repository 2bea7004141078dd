"""Parley's main window: puts the parts together, hands snapshots out to them and commands on to the controller."""

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QElapsedTimer, QEvent, QPoint, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QHideEvent, QKeyEvent, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from assistant.session.snapshot import Controller, Snapshot
from assistant.settings import Settings
from ui import wording
from ui.announcer import Announcer
from ui.bridge import Bridge
from ui.dock import STOPPABLE
from ui.frame import Frame
from ui.keys import PAGE_ACTIONS, Action, HoldKey, go_to_next, install
from ui.marks import window_icon
from ui.options_menu import OptionsMenu
from ui.tokens import LARGEST_SCALE, SMALLEST_SCALE, Theme
from ui.wording_pages import PageName

METERS_EVERY_MS: Final = 33
ZOOM_STEP: Final = 0.1


class Window(Frame):
    """The window. `first_painted` is emitted once, when the user can see it."""

    first_painted = Signal()

    def __init__(self, controller: Controller, settings: Settings) -> None:
        super().__init__(controller.snapshot, settings, controller.apply)
        self._controller = controller
        self._painted = False
        self._clock = QElapsedTimer()
        self._meters = QTimer(self, interval=METERS_EVERY_MS)
        self._meters.timeout.connect(self._poll)
        self._connect()
        self.setWindowIcon(window_icon())
        self.apply_look()
        self.show_snapshot(controller.snapshot)
        self.composer.field.setFocus()

    def _connect(self) -> None:
        controller = self._controller
        self.announcer = Announcer(self)
        self.bridge = Bridge(controller, self)
        self.bridge.arrived.connect(self.show_snapshot)
        self.dock.stop_pressed.connect(self.stop)
        self.composer.sent.connect(controller.say)
        self.composer.typing.connect(controller.typing)
        self.composer.mute_asked.connect(controller.set_muted)
        self.hold = HoldKey(self)
        self.composer.hold_changed.connect(self.hold.hold)
        self.hold.changed.connect(self.composer.hold.setDown)
        self.hold.changed.connect(controller.hold_to_talk)
        self.thread_view.continue_asked.connect(controller.continue_reply)
        for undoer in (self.thread_view, self.toasts):
            undoer.undo_asked.connect(controller.undo)
        self.toasts.height_changed.connect(self.place_toasts)
        self.preferences.changed.connect(self.apply_look)
        for worker in (self.preferences, self.interruptions_page):
            worker.failed.connect(self._tell_problem)
        self.empty.unmute_asked.connect(lambda: controller.set_muted(False))
        self.side.new_asked.connect(self._new_conversation)
        self.side.page_asked.connect(self.go_to)
        self.content.page_changed.connect(self._page_changed)
        self.header.drawer_asked.connect(lambda: self.overlay.open(self.side, self.side.new))
        for asker in (self.side, self.banner):
            asker.details_asked.connect(lambda: self.overlay.open(self.sheet, self.sheet.close_button))
        self.sheet.closed.connect(self.overlay.close_panel)
        self.overlay.closed.connect(self._give_focus_back)
        actions = self._actions()
        install(self, actions)
        self.options = OptionsMenu(self, actions, self.set_theme, self._escape_in_menu)
        self.header.options.clicked.connect(self._open_options)
        self.look_changed.connect(lambda: self.options.set_look(self.look))
        self.preferences.changed.connect(self._show_theme)
        self._show_theme()
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self.apply_look)
        hints.accessibility().contrastPreferenceChanged.connect(self.apply_look)

    def _actions(self) -> dict[Action, Callable[[], object]]:
        """What each key does."""
        controller = self._controller
        return {
            Action.STOP: self.escape,
            Action.MUTE: lambda: controller.set_muted(not self.snapshot.muted),
            Action.CONTINUE: lambda: controller.continue_reply(None),
            Action.FIELD: self._go_to_field,
            Action.BACK: lambda: self.go_to(None),
            **{action: partial(self.go_to, page) for page, action in PAGE_ACTIONS.items()},
            Action.NEW: self._new_conversation,
            Action.LARGER: lambda: self.zoom_to(self._text_scale + ZOOM_STEP),
            Action.SMALLER: lambda: self.zoom_to(self._text_scale - ZOOM_STEP),
            Action.USUAL_SIZE: lambda: self.zoom_to(1.0),
            Action.NEXT_REGION: self._next_region,
        }

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show a picture of the session."""
        self.snapshot = snapshot
        self.setWindowTitle(wording.window_title(snapshot))
        self.side.show_snapshot(snapshot)
        self.content.show_snapshot(snapshot)
        self.show_banner()
        self.announcer.snapshot(snapshot)
        self.announcer.notices(self.toasts.show_notices(snapshot.notices, wording.problems(snapshot)))

    def stop(self) -> None:
        """Stop Parley; say so if there was nothing to stop."""
        self._controller.stop()
        note = self.dock.note_stop()
        if note:
            self.announcer.say(note)

    def escape(self) -> None:
        """Stop; but if there is nothing to stop, first close what is open."""
        if self.snapshot.state in STOPPABLE or (not self.overlay.close_panel() and not self.content.close_page()):
            self.stop()

    def go_to(self, page: PageName | None) -> None:
        """Open `page`; None: go back to the conversation."""
        self.overlay.close_panel()
        if page is None:
            self.content.close_page()
        else:
            self.content.open_page(page)

    def zoom_to(self, scale: float) -> None:
        """Show text `scale` times its usual size."""
        self.preferences.change({"text_scale": min(LARGEST_SCALE, max(SMALLEST_SCALE, round(scale, 2)))})

    def set_theme(self, theme: Theme) -> None:
        """Change the colours."""
        self.preferences.change({"theme": theme.value})

    @property
    def _text_scale(self) -> float:
        return self.preferences.settings.text_scale

    def _tell_problem(self, text: str) -> None:
        self.toasts.tell(text)
        self.announcer.say(text, urgent=True)

    def _show_theme(self) -> None:
        self.options.show_theme(Theme(self.preferences.settings.theme))

    def _new_conversation(self) -> None:
        self.go_to(None)
        self._controller.new_conversation()
        self.composer.field.setFocus()

    def _go_to_field(self) -> None:
        self.go_to(None)
        self.composer.field.setFocus()

    def _page_changed(self) -> None:
        self.side.show_page(self.content.page)
        self.show_banner()
        self.place_overlays()

    def _give_focus_back(self) -> None:
        page = self.content.page
        (self.composer.field if page is None else self.content.pages[page].start()).setFocus()

    def _open_options(self) -> None:
        button = self.header.options
        corner = button.mapToGlobal(button.rect().bottomRight())
        self.options.popup(corner - QPoint(self.options.sizeHint().width(), 0))

    def _escape_in_menu(self) -> bool:
        if self.snapshot.state not in STOPPABLE:
            return False
        self.stop()
        return True

    def _next_region(self) -> None:
        """Move the focus on: list, notice, conversation or page, dock, composer."""
        regions: list[tuple[QWidget, QWidget]] = [(self.side, self.side.new)] if self.side.isVisible() else []
        regions += [(toast, toast.first_button) for toast in self.toasts.shown[:1]]
        page, last = self.content.page, self.thread_view.last_turn
        if page is not None:
            regions.append((self.content.pages[page], self.content.pages[page].start()))
        elif last is not None:
            regions.append((self.thread_view, last))
        regions.append((self.dock, self.dock.stop))
        if page is None:
            regions.append((self.composer, self.composer.field))
        go_to_next(regions)

    def _poll(self) -> None:
        """Move what moves. Nothing is painted unless something has changed."""
        meters = self._controller.meters()
        self.dock.show_meters(meters, self._clock.restart() / 1000)
        self.thread_view.set_playhead(meters.playhead)
        if self.content.page is PageName.SETTINGS:
            self.settings_page.show_meters(meters)

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
        """Let go of the push-to-talk key and finish saving.

        Whoever runs the window closes the session once it is gone from sight.
        """
        self.hold.let_go()
        self.background.finish()
        super().closeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the canvas, and tell that the window is there."""
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self.first_painted.emit)
