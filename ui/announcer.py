"""What a screen reader is told. Never while somebody speaks: only what is not heard or seen otherwise."""

from typing import Final

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

from assistant.core.effects import Level
from assistant.session.snapshot import Notice, Snapshot, State
from ui.wording import stopped_announcement

THINKING_AFTER_MS: Final = 2000
_YOUR_SPEECH: Final = (State.HEARING, State.DUCKED)


class Announcer(QObject):
    """Compares each snapshot with the one before, and announces what has changed."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._before: Snapshot | None = None
        self._pending = ""
        self._thinking = QTimer(self, singleShot=True, interval=THINKING_AFTER_MS)
        self._thinking.timeout.connect(lambda: self.say("Thinking"))
        self.said: list[str] = []

    def say(self, text: str, urgent: bool = False) -> None:
        """Announce `text`: at the next pause, or at once if `urgent`."""
        self.said.append(text)
        event = QAccessibleAnnouncementEvent(self._window, text)
        manner = QAccessible.AnnouncementPoliteness
        event.setPoliteness(manner.Assertive if urgent else manner.Polite)
        QAccessible.updateAccessibility(event)

    def notices(self, notices: tuple[Notice, ...]) -> None:
        """Announce problems; other toasts are only seen."""
        for notice in notices:
            if notice.level is Level.PROBLEM:
                self.say(notice.text, urgent=True)

    def snapshot(self, snapshot: Snapshot) -> None:
        """Announce what `snapshot` has changed."""
        before, self._before = self._before, snapshot
        if before is None:
            return
        if snapshot.muted != before.muted:
            self.say("Microphone muted" if snapshot.muted else "Microphone on", urgent=True)
        lost, was_lost = (s.state is State.NO_MICROPHONE for s in (snapshot, before))
        if lost != was_lost:
            self.say("Microphone lost. You can type." if lost else "Microphone back.", urgent=True)
        if snapshot.state is not before.state:
            self._thinking.stop()
            if snapshot.state is State.THINKING:
                self._thinking.start()
        self._announce_cut(snapshot, before)

    def _announce_cut(self, snapshot: Snapshot, before: Snapshot) -> None:
        """Say that a reply was cut off, once the user's own speech has ended."""
        known = {turn.number for turn in before.turns if turn.cut is not None}
        for turn in snapshot.turns:
            if turn.cut is not None and turn.number not in known:
                self._pending = stopped_announcement(turn)
        if self._pending and snapshot.state not in _YOUR_SPEECH:
            self.say(self._pending)
            self._pending = ""
