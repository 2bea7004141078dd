"""The stage in virtual time: engines do their real work at once, and their cost is charged on the virtual clock."""

import heapq
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from assistant.audio.pcm import SAMPLE_RATE
from assistant.audio.playout import Playout, make_segment
from assistant.core import effects
from assistant.core.cancel import CancelToken
from assistant.core.events import Engine, EngineFailed, Event, GenerationFinished, PlayoutFinished, TokenGenerated
from assistant.core.messages import Message
from assistant.engines.mind import Usage
from assistant.engines.protocols import Recogniser, Speech
from assistant.errors import UserError
from assistant.session.ear import Ear, StopWords
from assistant.session.simulation.scenario import CostTable
from assistant.session.stage import SpeechQueue

Deliver = Callable[[Event], None]


class CountingMind(Protocol):
    """A mind that also tells how many tokens it evaluated."""

    @property
    def last_usage(self) -> Usage:
        """The tokens of the latest reply."""
        ...

    def generate(self, messages: Sequence[Message], cancel: CancelToken, *, max_tokens: int) -> Iterator[str]:
        """As `assistant.engines.protocols.Mind.generate`."""
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

    def __init__(self, engines: Engines, costs: CostTable, playout: Playout, ear: Ear, max_tokens: int) -> None:
        self.now = 0.0
        self.schedule = Schedule()
        self.deliver: Deliver = lambda event: None
        self.notices: list[str] = []
        self._engines = engines
        self._costs = costs
        self._playout = playout
        self._ear = ear
        self._max_tokens = max_tokens
        self._tokens: dict[int, CancelToken] = {}
        self._generator: Iterator[str] | None = None
        self.speech = SpeechQueue(self._synthesise)

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
        self._stop_generator()
        token = self._tokens[effect.epoch] = CancelToken()
        stream = self._engines.mind.generate(effect.messages, token, max_tokens=self._max_tokens)
        self._generator = stream
        try:
            first = next(stream, None)
        except UserError as error:  # the message is too long
            self._later(EngineFailed(self.now, Engine.MIND, str(error)))
            return
        usage = self._engines.mind.last_usage
        evaluated = usage.prompt_tokens - usage.reused_tokens
        self._token_later(self.now + evaluated / self._costs.prompt_tokens_per_s, effect.epoch, first, stream, 0)

    def speak(self, effect: effects.Speak) -> None:
        """Queue a sentence."""
        self.speech.add(effect)

    def silence(self, effect: effects.Silence) -> None:
        """Cut the speech of a reply."""
        self._cut(effect.epoch)
        self.speech.drop(effect.epoch)

    def abandon(self, effect: effects.Abandon) -> None:
        """Playback stops first; then generation and queue, by the one token."""
        self._cut(effect.epoch)
        self._cancelled(effect.epoch)
        self.speech.drop(effect.epoch)

    def duck(self, effect: effects.Duck) -> None:
        """Lower our voice."""
        self._playout.duck()

    def restore(self, effect: effects.Restore) -> None:
        """Bring our voice back."""
        self._playout.restore()

    def interrupted(self, effect: effects.SpeechInterrupted) -> None:
        """The simulation's log has it."""

    def save_turn(self, effect: effects.SaveTurn) -> None:
        """Nothing of a simulation is stored."""

    def notify(self, effect: effects.Notify) -> None:
        """Keep it for the report."""
        self.notices.append(effect.text)

    def closed(self, effect: effects.Closed) -> None:
        """End the engines' work."""
        self._stop_generator()

    def _cut(self, epoch: int) -> None:
        self._playout.cut(epoch)
        self._playout.restore()

    def _later(self, event: Event) -> None:
        self.schedule.add(self.now, lambda: self.deliver(event))

    def _cancelled(self, epoch: int) -> None:
        if (token := self._tokens.get(epoch)) is not None:
            token.cancel()

    def _stop_generator(self) -> None:
        for token in self._tokens.values():
            token.cancel()
        self._generator = None

    def _token_later(self, base: float, epoch: int, text: str | None, stream: Iterator[str], count: int) -> None:
        """Deliver `text`, the token after `count` others, when it is due; then pull the next one.

        None is the end of the reply, which costs nothing.
        """
        due = base + (count if text is None else count + 1) / self._costs.tokens_per_s

        def arrive() -> None:
            if self._tokens[epoch].cancelled:
                return
            if text is None:
                self.deliver(GenerationFinished(due, epoch, count))
                return
            self.deliver(TokenGenerated(due, epoch, text))
            if not self._tokens[epoch].cancelled:
                self._token_later(base, epoch, next(stream, None), stream, count + 1)

        self.schedule.add(due, arrive)

    def _synthesise(self, speak: effects.Speak) -> None:
        speech = self._engines.voice.synthesise(speak.text)
        segment = make_segment(speak.epoch, speak.sentence, speech.pcm, speech.rate, SAMPLE_RATE)

        def ready() -> None:
            if self._tokens.setdefault(speak.epoch, CancelToken()).cancelled:
                return
            if segment.pcm.size:
                self._playout.queue(segment)
            else:
                self.deliver(PlayoutFinished(self.now, speak.epoch, speak.sentence))

        self.schedule.add(self.now + self._costs.sentence_s, ready)
