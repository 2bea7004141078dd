"""What a face may ask of a session: each command is an event that the session's thread takes from its inbox."""

from assistant.core import events
from assistant.core.interruptions import Reason
from assistant.session.workers import Clock, Post


class Commands:
    """The commands of a `Controller` that need nothing but the conversation. Any thread; each returns at once."""

    def __init__(self, post: Post, clock: Clock) -> None:
        self._post = post
        self._clock = clock

    def say(self, text: str) -> None:
        """Send a typed message."""
        self._post(events.TypedInput(self._clock(), _storable(text)))

    def typing(self) -> None:
        """The user has begun to type a message."""
        self._post(events.TypingStarted(self._clock()))

    def stop(self, reason: Reason = Reason.USER_CLICKED_STOP) -> None:
        """The Stop button: silence and abandon."""
        self._post(events.InterruptRequested(self._clock(), reason))

    def stop_speech(self, reason: Reason = Reason.USER_CLICKED_STOP) -> None:
        """Silence only: the text of the reply goes on."""
        self._post(events.InterruptRequested(self._clock(), reason, speech_only=True))

    def announce(self, text: str, *, critical: bool = False) -> None:
        """Have `text` said as soon as the user pauses; it interrupts a reply. Only Stop cuts what is `critical`."""
        self._post(events.PrioritySpeech(self._clock(), _storable(text), critical))

    def continue_reply(self, turn: int | None = None) -> None:
        """Speak the rest of a reply that was cut off."""
        self._post(events.ContinueRequested(self._clock(), turn))

    def undo(self, handle: str) -> None:
        """Take back what a tool did; a notice brings the `handle`."""
        self._post(events.UndoRequested(self._clock(), handle))

    def new_conversation(self) -> None:
        """Begin an empty conversation."""
        self._post(events.ConversationCleared(self._clock()))


def _storable(text: str) -> str:
    """`text` without halves of characters, which can be neither stored nor answered."""
    return text.encode("utf-8", "replace").decode()
