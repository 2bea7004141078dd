"""What the conversation asks of the world. The session carries effects out, in order, without blocking."""

from dataclasses import dataclass
from enum import StrEnum

from assistant.core.interruptions import Interruption
from assistant.core.messages import Message
from assistant.core.tool_calls import ToolCall


class Level(StrEnum):
    """How a notice is shown."""

    INFO = "info"
    PROBLEM = "problem"


class Speaker(StrEnum):
    """Whose turn it is."""

    USER = "user"
    PARLEY = "parley"


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
    """Produce the reply `epoch` to `messages`. A speculative reply may be abandoned before anything is heard.

    Asked for again in the same epoch where the results of tools have come in: under the same cancel token.
    """

    epoch: int
    messages: tuple[Message, ...]
    speculative: bool = False


@dataclass(frozen=True, slots=True)
class Speak:
    """Synthesise sentence number `sentence` of reply `epoch` and queue it for playout.

    `clauses` are the shares (0..1) of its speech at which its clauses begin; the first one, 0, is left out.
    """

    epoch: int
    sentence: int
    text: str
    clauses: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Presynthesise:
    """Synthesise a sentence of the speculative reply `epoch` and hold it: the equal `Speak` may follow, or none."""

    epoch: int
    sentence: int
    text: str
    clauses: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class CallTool:
    """Run a tool for the reply `epoch`, under its cancel token; `ToolFinished` answers. One at a time."""

    epoch: int
    call: ToolCall


@dataclass(frozen=True, slots=True)
class UndoTool:
    """Take back what tool call number `call` did, by the `handle` of its result; `ToolUndone` answers."""

    call: int
    handle: str


@dataclass(frozen=True, slots=True)
class Silence:
    """Cut playout of `epoch` now and drop its queued speech; its generation goes on.

    `finish_word`: the word that is leaving the loudspeaker is played to its end.
    """

    epoch: int
    finish_word: bool = False


@dataclass(frozen=True, slots=True)
class Abandon:
    """Cut playout of `epoch` now, then cancel its speech, queue, tools and generation by its one cancel token."""

    epoch: int
    finish_word: bool = False


@dataclass(frozen=True, slots=True)
class Duck:
    """Lower our voice at once, while a decision is due."""

    epoch: int


@dataclass(frozen=True, slots=True)
class Restore:
    """Bring our voice back; `reason` says why the sound was not an interruption.

    `rewind`: if more than half of the present sentence was played lowered, go back to the last start of a clause
    before it was.
    """

    epoch: int
    reason: str
    rewind: bool = False


@dataclass(frozen=True, slots=True)
class SpeechInterrupted:
    """A reply was interrupted: show it, log it, store it. `update` completes an earlier record of the same epoch."""

    record: Interruption
    update: bool = False


@dataclass(frozen=True, slots=True)
class OverlapEnded:
    """A sound over our voice was no interruption: log it, store it."""

    record: Interruption


@dataclass(frozen=True, slots=True)
class TurnStarted:
    """A turn began at `at` seconds: the user's with its first voiced frame, ours when it became audible."""

    at: float
    speaker: Speaker


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """A turn ended at `at` seconds, after `duration_s`: the user's with its last voiced frame, ours with silence."""

    at: float
    speaker: Speaker
    duration_s: float


@dataclass(frozen=True, slots=True)
class SaveTurn:
    """Turn number `turn` was added or has changed: store it before it is shown as done."""

    turn: int


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell the user something that is not part of the conversation; `undo` is "" or a handle for `UndoRequested`."""

    level: Level
    text: str
    undo: str = ""


@dataclass(frozen=True, slots=True)
class Closed:
    """The conversation is over: nothing is pending, every later input is refused."""


Effect = (
    Listen
    | Finalise
    | Discard
    | Generate
    | Speak
    | Presynthesise
    | CallTool
    | UndoTool
    | Silence
    | Abandon
    | Duck
    | Restore
    | SpeechInterrupted
    | OverlapEnded
    | TurnStarted
    | TurnEnded
    | SaveTurn
    | Notify
    | Closed
)
