"""The stage in virtual time: engines do their real work at once, and their cost is charged on the virtual clock."""

import heapq
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from assistant.audio.pcm import SAMPLE_RATE
from assistant.audio.playout import Playout, Segment, make_segment
from assistant.core import effects
from assistant.core.cancel import CancelToken
from assistant.core.events import (
    Engine,
    EngineFailed,
    Event,
    GenerationFinished,
    PlayoutFinished,
    PrioritySpeech,
    TokenGenerated,
    ToolFinished,
    ToolUndone,
)
from assistant.core.interruptions import Interruption
from assistant.core.messages import Message
from assistant.engines.mind import Usage
from assistant.engines.protocols import Mind, Recogniser, Speech
from assistant.errors import UserError
from assistant.session.ear import Ear, StopWords
from assistant.session.setup import Setup
from assistant.session.simulation.scenario import CostTable
from assistant.session.speech_queue import SpeechQueue, Utterable
from assistant.session.tokens import Tokens

BEGINS = datetime(2026, 1, 5, 14, 5, tzinfo=UTC)
"""The date and time in a simulation when it begins: Monday, five past two in the afternoon."""

Deliver = Callable[[Event], None]


class CountingMind(Mind, Protocol):
    """A mind that also tells how many tokens it evaluated."""

    @property
    def last_usage(self) -> Usage:
        """The tokens of the latest reply."""
        ...


class ManyVoices(Protocol):
    """A voice that can speak as somebody else."""

    def synthesise(self, text: str, voice: str | None = None) -> Speech:
        """Turn one sentence into sound; `voice` None is our own."""
        ...


@dataclass(frozen=True, slots=True)
class Engines:
    """The engines that a simulation runs on; real or fake."""

    mind: CountingMind
    voice: ManyVoices
    recogniser: Recogniser
    stop_words: StopWords | None


class Schedule:
    """Things to do at virtual times, in order of time and then of arrival."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def add(self, at: float, action: Callable[[], None]) -> None:
        """Do `action` at `at`."""
        heapq.heappush(self._heap, (at, next(self._order), action))

    @property
    def next_at(self) -> float | None:
        """The earliest time, None where nothing is due."""
        return self._heap[0][0] if self._heap else None

    def pop(self) -> Callable[[], None]:
        """Take the earliest action."""
        return heapq.heappop(self._heap)[2]


class World:
    """Carries effects out (it is a `Stage`). `now` is set by the simulation; nothing here reads a clock."""

    def __init__(self, engines: Engines, costs: CostTable, playout: Playout, ear: Ear, setup: Setup) -> None:
        self.now = 0.0
        self.schedule = Schedule()
        self.deliver: Deliver = lambda event: None
        self.ledger: dict[tuple[int, float], Interruption] = {}
        """The records of all cuts and restores in their latest form, by epoch and time."""
        self.toolbox = setup.toolbox(self._wall_clock)
        self.speech = SpeechQueue(self._synthesise, self._play)
        self.tokens = Tokens()
        self._engines = engines
        self._costs = costs
        self._playout = playout
        self._ear = ear
        self._max_tokens = setup.max_tokens

    def warm_up(self, messages: Sequence[Message]) -> None:
        """Before time begins: have the beginning of every prompt evaluated, as the app does once the mind is ready."""
        for _ in self._engines.mind.generate(messages, CancelToken(), max_tokens=1, tools=self.toolbox.schemas()):
            pass

    def listen(self, effect: effects.Listen) -> None:
        """Begin an utterance; its pre-roll may hold words already."""
        for event in self._ear.listen(effect.utterance, effect.since, self.now):
            self._later(event)

    def finalise(self, effect: effects.Finalise) -> None:
        """Get the final transcript."""
        for event in self._ear.finalise(effect.utterance, self.now):
            self._later(event)

    def discard(self, effect: effects.Discard) -> None:
        """Forget an utterance."""
        self._ear.discard(effect.utterance, self.now)

    def generate(self, effect: effects.Generate) -> None:
        """Begin a reply: the first token comes after the prompt has been paid for."""
        token = self.tokens.of(effect.epoch)
        stream = self._engines.mind.generate(
            effect.messages, token, max_tokens=self._max_tokens, tools=self.toolbox.schemas()
        )
        try:
            first = next(stream, None)
        except UserError as error:  # the message is too long
            self._later(EngineFailed(self.now, Engine.MIND, str(error), again=False))
            return
        usage = self._engines.mind.last_usage
        evaluated = usage.prompt_tokens - usage.reused_tokens
        self._token_later(self.now + evaluated / self._costs.prompt_tokens_per_s, effect.epoch, token, first, stream, 0)

    def speak(self, effect: effects.Speak) -> None:
        """Queue a sentence."""
        self.speech.add(effect)

    def presynthesise(self, effect: effects.Presynthesise) -> None:
        """Make the sound of a sentence that may be spoken."""
        self.speech.prepare(effect)

    def call_tool(self, effect: effects.CallTool) -> None:
        """Run a tool: it does its work at once, and is known to have done so a little later, whatever happens."""
        result = self.toolbox.run(effect.call, self.tokens.of(effect.epoch), self.now)
        at = self.now + self._costs.tool_s
        self.schedule.add(at, lambda: self.deliver(ToolFinished(at, effect.epoch, effect.call.number, result)))
        self._await_rings()

    def undo_tool(self, effect: effects.UndoTool) -> None:
        """Take back what a tool did."""
        text = self.toolbox.undo(effect.handle)
        at = self.now + self._costs.tool_s
        self.schedule.add(at, lambda: self.deliver(ToolUndone(at, effect.call, text)))

    def silence(self, effect: effects.Silence) -> None:
        """Cut the speech of a reply."""
        self._playout.cut(effect.epoch, effect.finish_word)
        self.speech.drop(effect.epoch)

    def abandon(self, effect: effects.Abandon) -> None:
        """Playback stops first; then generation and queue, by the one token."""
        self._playout.cut(effect.epoch, effect.finish_word)
        self.tokens.cancel(effect.epoch)
        self.speech.drop(effect.epoch)

    def duck(self, effect: effects.Duck) -> None:
        """Lower our voice."""
        self._playout.duck()

    def restore(self, effect: effects.Restore) -> None:
        """Bring our voice back."""
        self._playout.restore(effect.rewind)

    def record(self, record: Interruption) -> None:
        """Keep it for the report; what completes a record takes its place."""
        self.ledger[record.epoch, record.at] = record

    def save_turn(self, effect: effects.SaveTurn) -> None:
        """Nothing of a simulation is stored."""

    def notify(self, effect: effects.Notify) -> None:
        """The simulation's log has it."""

    def closed(self, effect: effects.Closed) -> None:
        """End the engines' work."""
        self.tokens.cancel_all()

    def _wall_clock(self) -> datetime:
        return BEGINS + timedelta(seconds=self.now)

    def _await_rings(self) -> None:
        """See to it that what a tool has to say by itself is said when it is due."""
        if (due := self.toolbox.next_due) is not None:
            self.schedule.add(due, self._ring)

    def _ring(self) -> None:
        for ring in self.toolbox.due(self.now):
            self.deliver(PrioritySpeech(self.now, ring.text))

    def _later(self, event: Event) -> None:
        self.schedule.add(self.now, lambda: self.deliver(event))

    def _token_later(
        self, base: float, epoch: int, token: CancelToken, text: str | None, stream: Iterator[str], count: int
    ) -> None:
        """Deliver `text`, the token after `count` others, when it is due; then pull the next one.

        None is the end of the reply, which costs nothing.
        """
        due = base + (count if text is None else count + 1) / self._costs.tokens_per_s

        def arrive() -> None:
            if token.cancelled:
                return
            if text is None:
                self.deliver(GenerationFinished(due, epoch, count))
                return
            self.deliver(TokenGenerated(due, epoch, text))
            if not token.cancelled:
                self._token_later(base, epoch, token, next(stream, None), stream, count + 1)

        self.schedule.add(due, arrive)

    def _synthesise(self, sentence: Utterable) -> None:
        token = self.tokens.of(sentence.epoch)
        speech = self._engines.voice.synthesise(sentence.text)
        segment = make_segment(
            sentence.epoch, sentence.sentence, speech.pcm, speech.rate, SAMPLE_RATE, sentence.clauses
        )

        def ready() -> None:
            if not token.cancelled:
                self.speech.deliver(segment)

        self.schedule.add(self.now + self._costs.sentence_s, ready)

    def _play(self, segment: Segment) -> None:
        if segment.pcm.size:
            self._playout.queue(segment)
        else:
            self._later(PlayoutFinished(self.now, segment.epoch, segment.sentence))
