"""The state of a conversation, and the small questions that several handlers ask of it."""

from dataclasses import dataclass, field
from enum import StrEnum

from assistant.core.effects import Effect
from assistant.core.events import Event, PrioritySpeech
from assistant.core.habits import Habits
from assistant.core.history import History, Turn, is_question
from assistant.core.interruptions import Reason
from assistant.core.options import Options
from assistant.core.phrases import Phrases
from assistant.core.rate import InterruptionRate
from assistant.core.sentences import SentenceSplitter
from assistant.core.tool_calls import CallParser, ToolCall, ToolUse

FINAL_TIMEOUT_S = 3.0
"""How long a final transcript may take before the partial is used instead."""
CUT_TIMEOUT_S = 0.5
"""How long the player may take to report where it stopped."""
WORD_S = 1.0
"""How much longer it may take where it finishes the word first."""


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
    last one. `text` holds its words, of mean `confidence`, `earlier` those of utterances that turned out to be the same
    turn, by number. `open` until `Finalise` was sent (at `finalised_at`), `final` once the final transcript is here.
    `manual`: begun and ended by the push-to-talk key. `is_turn`: the user has the floor (`TurnStarted` was sent).

    `over_speech`: it began while a reply was on its way; `saying` is all that we said since, `asked` whether that was a
    question (or the last thing we said). `cut_at` is when a debounced cut is due; `held`: it will cut nothing, and be
    answered after the reply. `interrupted` is the reply that this utterance cut off, `evidence` what cut it.
    """

    number: int
    onset: float
    voiced_since: float | None
    voiced_s: float = 0.0
    paused_at: float = 0.0
    text: str = ""
    confidence: float = 1.0
    earlier: dict[int, str] = field(default_factory=dict)
    open: bool = True
    final: bool = False
    finalised_at: float = 0.0
    manual: bool = False
    is_turn: bool = False
    over_speech: bool = False
    saying: str = ""
    asked: bool = False
    cut_at: float | None = None
    held: bool = False
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
            self.cut_at = None


@dataclass(slots=True)
class Reply:
    """The reply on its way: its turn, what has been asked for, what has been played.

    `epoch` is that of its speech, `text_epoch` that of its generation and tools: another one only where its speech was
    silenced and then wanted again. `answers` is the user's text that a speculative reply was prepared for, `held`: its
    first sentence is synthesised. `scanned` sentences have been looked at for speaking; `asked`, `started` and
    `finished` are one more than the number of the last sentence handed to the voice, begun and ended in the loudspeaker
    (`audible_at` from the first one on, `silent_at` after the last one so far). `silenced`: speech is over, the text
    goes on. `ducked_at`: lowered since. `calls` wait, `use` is running. `critical`: spoken to its end. `after`: the
    reply that the user's question cut off; `corrects`: what the user has put right.
    """

    epoch: int
    turn: Turn
    text_epoch: int
    speculative: bool = False
    answers: str = ""
    held: bool = False
    splitter: SentenceSplitter = field(default_factory=SentenceSplitter)
    parser: CallParser = field(default_factory=CallParser)
    calls: list[ToolCall] = field(default_factory=list)
    use: ToolUse | None = None
    generated: bool = False
    retried: bool = False
    silenced: bool = False
    critical: bool = False
    ducked_at: float | None = None
    scanned: int = 0
    asked: int = 0
    started: int = 0
    finished: int = 0
    audible_at: float | None = None
    silent_at: float = 0.0
    after: Turn | None = None
    corrects: Turn | None = None

    @property
    def playing(self) -> int | None:
        """The sentence that is leaving the loudspeaker."""
        return self.started - 1 if self.started > self.finished else None

    @property
    def saying(self) -> str:
        """The sentence that is being played, or was last; "" where none was yet."""
        if not self.started:
            return ""
        span = self.turn.spans[self.started - 1]
        return self.turn.text[span.start : span.end]

    def heard(self) -> int:
        """Characters heard for certain: all finished sentences, and what had been heard before."""
        return max(self.turn.heard, self.turn.spans[self.finished - 1].end if self.finished else 0)


@dataclass(slots=True)
class Cut:
    """A reply whose playout was cut and whose exact position is awaited until `due`.

    `voiced_s`, `duck_latency_s` and `asked` are of the user's sound that cut it, if one did.
    """

    reply: Reply
    at: float
    due: float
    onset: float
    reason: Reason
    evidence: str
    words: str
    speech_only: bool
    voiced_s: float = 0.0
    duck_latency_s: float | None = None
    asked: bool = False


@dataclass(slots=True)
class State:
    """Everything a conversation knows. Handlers change it and append to `effects`.

    `unsettled` is the turn whose interruption has not been reacted to yet. `handles` are the tool calls that can be
    undone, by the handles of their results. `priority` is what we are to say of our own accord; `deferred` the reply
    that it interrupted; `offer` a turn to offer to go on with.
    """

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
    calls: int = 0
    muted: bool = False
    microphone: str | None = None
    loudspeaker: str | None = None
    interrupted_until: float | None = None
    unsettled: Turn | None = None
    handles: dict[str, int] = field(default_factory=dict)
    priority: list[PrioritySpeech] = field(default_factory=list)
    deferred: Reply | None = None
    offer: Turn | None = None
    habits: Habits = field(default_factory=Habits)
    rate: InterruptionRate = field(init=False)
    queue: list[Event] = field(default_factory=list)
    """Inputs that wait, in order, for the report of where the last cut fell, or for the end of a critical message."""
    effects: list[Effect] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rate = InterruptionRate(self.phrases)

    def emit(self, *effects: Effect) -> None:
        """Ask something of the world."""
        self.effects.extend(effects)

    @property
    def adapted(self) -> Options:
        """The options, adapted to this user's sounds if that is wished."""
        return self.habits.options(self.options) if self.options.adapt else self.options

    @property
    def critical(self) -> bool:
        """True while something is spoken that only Stop may cut."""
        return self.reply is not None and self.reply.critical and not self.reply.silenced

    @property
    def input_waits(self) -> bool:
        """True while what the user types or presses has to wait in the queue."""
        return self.cut is not None or self.critical

    @property
    def saying(self) -> str:
        """What we are saying aloud, "" for nothing."""
        reply = self.reply
        return "" if reply is None or reply.speculative or reply.silenced else reply.saying

    @property
    def asked(self) -> bool:
        """True where the last sentence that we said, or are saying, is a question."""
        return is_question(self.saying) if self.saying else self.history.last_question()
