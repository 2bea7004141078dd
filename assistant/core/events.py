"""What can happen to a conversation. Every event carries `at`, seconds on the session's monotonic time line."""

from dataclasses import dataclass
from enum import StrEnum

from assistant.core.interruptions import Reason
from assistant.core.tool_calls import ToolResult


class Engine(StrEnum):
    """The three engines that can become ready or fail."""

    EAR = "ear"
    MIND = "mind"
    VOICE = "voice"


class Device(StrEnum):
    """The two sound devices that can come and go."""

    MICROPHONE = "microphone"
    LOUDSPEAKER = "loudspeaker"


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word: seconds on the session's time line, confidence 0..1."""

    text: str
    start: float
    end: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at `at` seconds."""

    at: float


@dataclass(frozen=True, slots=True)
class SpeechStarted(Event):
    """Voice activity began; `onset` is when its first frame began (`onset` <= `at`)."""

    onset: float


@dataclass(frozen=True, slots=True)
class SpeechStopped(Event):
    """Voice activity ended; `offset` is when its last voiced frame ended (`offset` <= `at`)."""

    offset: float


@dataclass(frozen=True, slots=True)
class PartialTranscript(Event):
    """The recogniser's present guess at the whole of `utterance`; may still change.

    `confidence` is the mean confidence of its words (0..1), 1 where that is not known.
    """

    utterance: int
    text: str
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class FinalTranscript(Event):
    """The recogniser's last word on `utterance`, in answer to `Finalise`."""

    utterance: int
    text: str
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class StopWordHeard(Event):
    """The stop-word recogniser heard one of the cancel phrases."""

    utterance: int
    phrase: str


@dataclass(frozen=True, slots=True)
class TypedInput(Event):
    """The user sent a typed message."""

    text: str


@dataclass(frozen=True, slots=True)
class TypingStarted(Event):
    """The user began to type a message."""


@dataclass(frozen=True, slots=True)
class PrioritySpeech(Event):
    """Something is to be said as soon as the user pauses: a timer rings, another program has a message.

    It interrupts a reply. While a `critical` one is spoken, nothing but Stop lowers or cuts our voice.
    """

    text: str
    critical: bool = False


@dataclass(frozen=True, slots=True)
class InterruptRequested(Event):
    """Somebody asked for silence: the Stop button, a client, a time limit.

    `speech_only` silences the reply and lets its text go on; otherwise the reply is abandoned.
    """

    reason: Reason
    speech_only: bool = False


@dataclass(frozen=True, slots=True)
class ContinueRequested(Event):
    """Speak the rest of what was cut off; `turn` names the turn, None the latest one that has a rest."""

    turn: int | None = None


@dataclass(frozen=True, slots=True)
class MuteChanged(Event):
    """The microphone was muted or unmuted."""

    muted: bool


@dataclass(frozen=True, slots=True)
class TalkKeyChanged(Event):
    """The push-to-talk key went down (the user's turn begins at once) or up (it is over at once)."""

    held: bool


@dataclass(frozen=True, slots=True)
class TokenGenerated(Event):
    """The mind produced some text of the reply `epoch`."""

    epoch: int
    text: str


@dataclass(frozen=True, slots=True)
class GenerationFinished(Event):
    """The mind finished the reply `epoch` by itself."""

    epoch: int
    tokens: int


@dataclass(frozen=True, slots=True)
class PlayoutStarted(Event):
    """The first sample of a sentence left the loudspeaker."""

    epoch: int
    sentence: int


@dataclass(frozen=True, slots=True)
class PlayoutFinished(Event):
    """The last sample of a sentence left the loudspeaker."""

    epoch: int
    sentence: int


@dataclass(frozen=True, slots=True)
class PlayoutStopped(Event):
    """Playout of `epoch` was cut inside `sentence`, after `fraction` (0..1) of its speech had been played."""

    epoch: int
    sentence: int
    fraction: float


@dataclass(frozen=True, slots=True)
class SentenceFailed(Event):
    """A sentence could not be synthesised; it stays on screen and is not spoken."""

    epoch: int
    sentence: int
    message: str


@dataclass(frozen=True, slots=True)
class ToolFinished(Event):
    """Tool call number `call` of the reply `epoch` has its result; it comes for every call, failed or cancelled too."""

    epoch: int
    call: int
    result: ToolResult


@dataclass(frozen=True, slots=True)
class UndoRequested(Event):
    """The user wants to take back what a tool did; `handle` is that of its result."""

    handle: str


@dataclass(frozen=True, slots=True)
class ToolUndone(Event):
    """What tool call number `call` did has been taken back, or could not be: `text` says which."""

    call: int
    text: str


@dataclass(frozen=True, slots=True)
class EngineReady(Event):
    """An engine is loaded (again) and takes work."""

    engine: Engine


@dataclass(frozen=True, slots=True)
class EngineFailed(Event):
    """An engine crashed, hung or could not load; `message` is one sentence for the user.

    `again` is False where asking once more would fail in the same way.
    """

    engine: Engine
    message: str
    again: bool = True


@dataclass(frozen=True, slots=True)
class DeviceReady(Event):
    """A sound device is open; `message` is a sentence for the user where it is another one than before, or back."""

    device: Device
    name: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class DeviceLost(Event):
    """A sound device is missing or went away; `message` is one sentence for the user."""

    device: Device
    message: str


@dataclass(frozen=True, slots=True)
class ConversationCleared(Event):
    """The user began a new conversation."""


@dataclass(frozen=True, slots=True)
class TimePassed(Event):
    """`next_deadline` was reached."""


@dataclass(frozen=True, slots=True)
class ShutdownRequested(Event):
    """The application is closing."""
