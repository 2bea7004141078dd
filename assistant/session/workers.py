"""What the threads that own an engine each have in common: they take jobs from an inbox and post events."""

import threading
from collections.abc import Callable
from typing import Protocol

from assistant.core.events import Event
from assistant.engines.mind import MindFacts
from assistant.engines.protocols import EngineError, Mind, Voice
from assistant.engines.voice import VoiceOptions
from assistant.errors import UserError

Post = Callable[[Event], None]
Tell = Callable[[str], None]
"""Shows the user a notice."""
Clock = Callable[[], float]

JOIN_WITHIN_S = 2.0
"""How long a thread may take to end the call that it is in."""


class RestartableMind(Mind, Protocol):
    """A mind in a process of its own."""

    def start(self) -> MindFacts:
        """Load the model; raises UserError or EngineError."""
        ...

    def restart(self) -> MindFacts:
        """Load it again after a loss."""
        ...

    def close(self) -> None:
        """End it; any thread."""
        ...


class RestartableVoice(Voice, Protocol):
    """A voice in a process of its own."""

    options: VoiceOptions
    """How to speak; may be replaced."""

    def start(self) -> None:
        """Open the synthesiser; raises UserError or EngineError."""
        ...

    def restart(self) -> None:
        """Open it again after a loss."""
        ...

    def close(self) -> None:
        """End it; any thread."""
        ...


def sentence_of(error: Exception, engine: str) -> str:
    """What the user is told of `error`; one that no engine should raise is named."""
    if isinstance(error, UserError | EngineError):
        return str(error)
    return f"{engine} failed ({type(error).__name__}: {error})."


def end(thread: threading.Thread, close: Callable[[], None]) -> None:
    """Wait for `thread`; one that is in the middle of a call loses its engine by `close`, and ends then."""
    if thread.is_alive():
        thread.join(JOIN_WITHIN_S)
    close()
    if thread.is_alive():
        thread.join(JOIN_WITHIN_S)
