"""What the conversation asks of the world. The session carries effects out, in order, without blocking."""

from dataclasses import dataclass
from enum import StrEnum

from assistant.core.interruptions import Interruption
from assistant.core.messages import Message


class Level(StrEnum):
    """How a notice is shown."""

    INFO = "info"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Listen:
    """Begin `utterance`: recognise everything heard from `since` (seconds) on; the pre-roll covers the past."""

    utterance: int
    since: float


@dataclass(frozen=True, slots=True)
class Finalise:
    """Answer with the `FinalTranscript` of `utterance` and end it."""

    utterance: int


@dataclass(frozen=True, slots=True)
class Discard:
    """Forget `utterance` without a transcript."""

    utterance: int


@dataclass(frozen=True, slots=True)
class Generate:
    """Produce the reply `epoch` to `messages`. A speculative reply may be abandoned before anything is heard."""

    epoch: int
    messages: tuple[Message, ...]
    speculative: bool = False


@dataclass(frozen=True, slots=True)
class Speak:
    """Synthesise sentence number `sentence` of reply `epoch` and queue it for playout."""

    epoch: int
    sentence: int
    text: str


@dataclass(frozen=True, slots=True)
class Silence:
    """Cut playout of `epoch` now and drop its queued speech; its generation goes on."""

    epoch: int


@dataclass(frozen=True, slots=True)
class Abandon:
    """Cut playout of `epoch` now, then cancel its speech, queue and generation by its one cancel token."""

    epoch: int


@dataclass(frozen=True, slots=True)
class Duck:
    """Lower our voice at once, while a decision is due."""

    epoch: int


@dataclass(frozen=True, slots=True)
class Restore:
    """Bring our voice back; `reason` says why the sound was not an interruption."""

    epoch: int
    reason: str


@dataclass(frozen=True, slots=True)
class SpeechInterrupted:
    """A reply was interrupted: show it, log it, store it. `update` completes an earlier record of the same epoch."""

    record: Interruption
    update: bool = False


@dataclass(frozen=True, slots=True)
class SaveTurn:
    """Turn number `turn` was added or has changed: store it before it is shown as done."""

    turn: int


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell the user something that is not part of the conversation."""

    level: Level
    text: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The conversation is over: nothing is pending, every later input is refused."""


Effect = (
    Listen
    | Finalise
    | Discard
    | Generate
    | Speak
    | Silence
    | Abandon
    | Duck
    | Restore
    | SpeechInterrupted
    | SaveTurn
    | Notify
    | Closed
)
