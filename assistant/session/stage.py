"""Carrying out effects: the one place that knows which part of the world each effect is for."""

from collections import deque
from collections.abc import Callable
from typing import Protocol, assert_never

from assistant.core import effects
from assistant.core.effects import Effect, Speak


class Stage(Protocol):
    """The world that the conversation acts on: threads in the app, virtual time in the simulator. Nothing blocks."""

    def listen(self, effect: effects.Listen) -> None:
        """Begin an utterance."""
        ...

    def finalise(self, effect: effects.Finalise) -> None:
        """Ask for a final transcript."""
        ...

    def discard(self, effect: effects.Discard) -> None:
        """Forget an utterance."""
        ...

    def generate(self, effect: effects.Generate) -> None:
        """Begin a reply."""
        ...

    def speak(self, effect: Speak) -> None:
        """Queue a sentence."""
        ...

    def silence(self, effect: effects.Silence) -> None:
        """Cut the speech of a reply."""
        ...

    def abandon(self, effect: effects.Abandon) -> None:
        """Cut and cancel a reply."""
        ...

    def duck(self, effect: effects.Duck) -> None:
        """Lower our voice."""
        ...

    def restore(self, effect: effects.Restore) -> None:
        """Bring our voice back."""
        ...

    def interrupted(self, effect: effects.SpeechInterrupted) -> None:
        """Record an interruption."""
        ...

    def save_turn(self, effect: effects.SaveTurn) -> None:
        """Store a turn."""
        ...

    def notify(self, effect: effects.Notify) -> None:
        """Tell the user."""
        ...

    def closed(self, effect: effects.Closed) -> None:
        """Nothing more will come."""
        ...


def carry_out(effect: Effect, stage: Stage) -> None:
    """Hand `effect` to its part of the stage."""
    match effect:
        case effects.Listen():
            stage.listen(effect)
        case effects.Finalise():
            stage.finalise(effect)
        case effects.Discard():
            stage.discard(effect)
        case effects.Generate():
            stage.generate(effect)
        case effects.Speak():
            stage.speak(effect)
        case effects.Silence():
            stage.silence(effect)
        case effects.Abandon():
            stage.abandon(effect)
        case effects.Duck():
            stage.duck(effect)
        case effects.Restore():
            stage.restore(effect)
        case effects.SpeechInterrupted():
            stage.interrupted(effect)
        case effects.SaveTurn():
            stage.save_turn(effect)
        case effects.Notify():
            stage.notify(effect)
        case effects.Closed():
            stage.closed(effect)
        case _:
            assert_never(effect)


class SpeechQueue:
    """Sentences on their way to the voice: at most one is synthesised ahead of the one that is playing."""

    def __init__(self, send: Callable[[Speak], None]) -> None:
        self._send = send
        self._waiting: deque[Speak] = deque()
        self._in_flight: set[tuple[int, int]] = set()

    def add(self, speak: Speak) -> None:
        """Queue a sentence."""
        self._waiting.append(speak)
        self._advance()

    def finished(self, epoch: int, sentence: int) -> None:
        """A sentence was played, or will not be."""
        self._in_flight.discard((epoch, sentence))
        self._advance()

    def drop(self, epoch: int) -> None:
        """Forget the sentences of `epoch`."""
        self._waiting = deque(s for s in self._waiting if s.epoch != epoch)
        self._in_flight = {key for key in self._in_flight if key[0] != epoch}
        self._advance()

    def _advance(self) -> None:
        while self._waiting and len(self._in_flight) < 2:
            speak = self._waiting.popleft()
            self._in_flight.add((speak.epoch, speak.sentence))
            self._send(speak)
