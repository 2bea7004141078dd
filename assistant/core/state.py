"""The state of a conversation, and the small questions that several handlers ask of it."""

from dataclasses import dataclass, field
from enum import StrEnum

from assistant.core.effects import Effect
from assistant.core.events import Event
from assistant.core.history import History, Turn
from assistant.core.interruptions import Reason
from assistant.core.options import Options
from assistant.core.phrases import Phrases
from assistant.core.sentences import SentenceSplitter

FINAL_TIMEOUT_S = 3.0
"""How long a final transcript may take before the partial is used instead."""
CUT_TIMEOUT_S = 0.5
"""How long the player may take to report where it stopped."""


class Phase(StrEnum):
    """Who holds the floor."""

    LISTENING = "listening"
    HEARING = "hearing"
    ENDPOINTING = "endpointing"
    THINKING = "thinking"
    SPEAKING = "speaking"
    OVERLAP = "overlap"
    CLOSED = "closed"


@dataclass(slots=True)
class Utterance:
    """One stretch of the user's speech, pauses included.

    `voiced_since` is set while voice is active; `voiced_s` sums the finished stretches; `paused_at` is the end of the
    last one. `text` holds its words, `earlier` those of utterances that turned out to be the same turn, by number.
    `open` until `Finalise` was sent (at `finalised_at`), `final` once the final transcript is here. `manual`: begun
    and ended by the push-to-talk key. `interrupted` is the reply that this utterance cut off, `evidence` what cut it.
    """

    number: int
    onset: float
    voiced_since: float | None
    voiced_s: float = 0.0
    paused_at: float = 0.0
    text: str = ""
    earlier: dict[int, str] = field(default_factory=dict)
    open: bool = True
    final: bool = False
    finalised_at: float = 0.0
    manual: bool = False
    interrupted: "Reply | None" = None
    evidence: str = ""

    @property
    def said(self) -> str:
        """All words so far."""
        return f"{self.prefix} {self.text}".strip()

    @property
    def prefix(self) -> str:
        """The words of earlier utterances of this turn."""
        return " ".join(filter(None, self.earlier.values()))

    def voiced(self, at: float) -> float:
        """Seconds of voice activity up to `at`."""
        return self.voiced_s + (at - self.voiced_since if self.voiced_since is not None else 0.0)

    def close_stretch(self, offset: float) -> None:
        """The voice fell silent at `offset`."""
        if self.voiced_since is not None:
            self.voiced_s += max(0.0, offset - self.voiced_since)
            self.voiced_since = None
            self.paused_at = offset


@dataclass(slots=True)
class Reply:
    """The reply on its way: its turn, what has been asked for, what has been played.

    `answers` is the user's text that a speculative reply was prepared for. `scanned` sentences have been looked at for
    speaking; `asked`, `started` and `finished` are one more than the number of the last sentence handed to the voice,
    begun and ended in the loudspeaker. `silenced`: speech is over, the text goes on.
    """

    epoch: int
    turn: Turn
    speculative: bool = False
    answers: str = ""
    splitter: SentenceSplitter = field(default_factory=SentenceSplitter)
    generated: bool = False
    retried: bool = False
    silenced: bool = False
    ducked: bool = False
    scanned: int = 0
    asked: int = 0
    started: int = 0
    finished: int = 0
    audible_at: float | None = None

    @property
    def playing(self) -> int | None:
        """The sentence that is leaving the loudspeaker."""
        return self.started - 1 if self.started > self.finished else None

    def heard(self) -> int:
        """Characters heard for certain: all finished sentences."""
        return self.turn.spans[self.finished - 1].end if self.finished else 0


@dataclass(slots=True)
class Cut:
    """A reply whose playout was cut and whose exact position is awaited until `at` + CUT_TIMEOUT_S."""

    reply: Reply
    at: float
    onset: float
    reason: Reason
    evidence: str
    words: str
    speech_only: bool


@dataclass(slots=True)
class State:
    """Everything a conversation knows. Handlers change it and append to `effects`."""

    options: Options
    phrases: Phrases
    system_prompt: str
    phase: Phase = Phase.LISTENING
    history: History = field(default_factory=History)
    utterance: Utterance | None = None
    reply: Reply | None = None
    cut: Cut | None = None
    epoch: int = 0
    utterances: int = 0
    muted: bool = False
    microphone: str | None = None
    loudspeaker: str | None = None
    interrupted_until: float | None = None
    queue: list[Event] = field(default_factory=list)
    """Inputs that wait, in order, until the player has reported where the last cut fell."""
    effects: list[Effect] = field(default_factory=list)

    def emit(self, *effects: Effect) -> None:
        """Ask something of the world."""
        self.effects.extend(effects)
