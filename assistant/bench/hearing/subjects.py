"""Who is tested: anything that plays our voice block by block, hears the microphone, and decides."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from assistant.audio.pcm import FRAME, SAMPLE_RATE, Pcm
from assistant.audio.playout import Playout, PlayoutOptions, Segment
from assistant.bench.hearing.rooms import Before
from assistant.bench.hearing.trials import Trial, User


class Act(StrEnum):
    """What can be decided."""

    DUCK = "duck"
    RESTORE = "restore"
    STOP = "stop"
    """Our reply is cut."""
    TAKE = "take"
    """The user's turn is over."""


@dataclass(frozen=True, slots=True)
class Decision:
    """`at` is seconds of the trial."""

    act: Act
    at: float


@dataclass(frozen=True, slots=True)
class Task:
    """A trial as it is handed over: the user (None: nobody), our reply (int16, 16 kHz), what went before."""

    trial: Trial
    user: User | None
    reply: Pcm
    before: Before


class Subject(Protocol):
    """A system under test. One trial after the other; nothing of one may change the next."""

    name: str
    lowers_s: float
    """From a decision to our voice being half as loud."""

    @property
    def decisions(self) -> list[Decision]:
        """Of the present trial, in order."""
        ...

    def begin(self, task: Task) -> None:
        """A new trial."""
        ...

    def press(self, at: float) -> None:
        """The Stop button is pressed at `at`, before the block in which that lies is played."""
        ...

    def play(self, start: float) -> Pcm:
        """The next block of our voice, int16, shape (FRAME,), heard from `start` seconds on."""
        ...

    def hear(self, microphone: Pcm, played: Pcm, end: float) -> None:
        """The block that the microphone heard meanwhile; it ended at `end` seconds."""
        ...


class Rule(Protocol):
    """When to stop and when a turn is over, judged frame by frame: what controls and peers consist of."""

    name: str

    def begin(self, task: Task) -> None:
        """Forget everything, and take what went before."""
        ...

    def hear(self, frame: Pcm, at: float, speaking: bool) -> Iterable[Act]:
        """Judge the frame (int16, shape (FRAME,), 16 kHz) that ended at `at`; `speaking`: our voice plays."""
        ...


class Speaker:
    """A subject that only plays and stops; everything else is left to its rule."""

    def __init__(self, rule: Rule) -> None:
        self.name = rule.name
        options = PlayoutOptions()
        self.lowers_s = options.cut_fade_ms / 2000.0
        self.decisions: list[Decision] = []
        self._rule = rule
        self._playout = Playout(SAMPLE_RATE, options)
        self._pressed: list[float] = []

    def begin(self, task: Task) -> None:
        """Play the reply from the beginning."""
        self.decisions = []
        self._pressed = []
        self._playout = Playout(SAMPLE_RATE, PlayoutOptions())
        if task.trial.speaking:
            self._playout.queue(Segment(1, 0, task.reply, SAMPLE_RATE, 0, task.reply.size))
        self._rule.begin(task)

    def press(self, at: float) -> None:
        """Stop with the next block."""
        self._pressed.append(at)

    def play(self, start: float) -> Pcm:
        """The next block."""
        if self._pressed and self._pressed[0] <= start:
            self._do(Act.STOP, self._pressed.pop(0))
        return self._playout.render(FRAME, start)

    def hear(self, microphone: Pcm, played: Pcm, end: float) -> None:
        """Ask the rule."""
        for act in self._rule.hear(microphone, end, not self._playout.idle):
            self._do(act, end)

    def _do(self, act: Act, at: float) -> None:
        self.decisions.append(Decision(act, at))
        if act is Act.STOP:
            self._playout.cut(1)
        elif act is Act.DUCK:
            self._playout.duck()
        elif act is Act.RESTORE:
            self._playout.restore()
