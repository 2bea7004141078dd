"""The ear: feeds the recogniser from the pre-roll on, utterance by utterance, and reports words as events."""

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from assistant.core.events import Event, FinalTranscript, PartialTranscript, StopWordHeard, Word
from assistant.engines.protocols import Pcm, Recogniser

if TYPE_CHECKING:
    from assistant.session.wake import WakeGate

FRAME_S = 0.01
MEMORY_S = 3.0
"""How much of the past is kept for the pre-roll."""
CHUNK = 3
"""Frames handed to the recogniser at once: it is cheaper by the handful, and 30 ms are not noticed."""


class StopWords(Protocol):
    """A small recogniser that knows the stop words only."""

    def accept(self, pcm: Pcm) -> str | None:
        """Take more sound (int16, mono, 16 kHz); return the stop phrase once it is certain."""
        ...

    def reset(self) -> None:
        """Forget what was heard."""
        ...


@dataclass(slots=True)
class _Utterance:
    number: int
    begun: float
    """Time of the first sample that the recogniser got."""
    partial: str = ""
    stopped: bool = False


class Ear:
    """Turns 10 ms frames into transcripts of the utterance that is being listened to. One thread owns it."""

    def __init__(
        self,
        recogniser: Recogniser,
        stop_words: StopWords | None,
        preroll_s: float = 0.5,
        gate: "WakeGate | None" = None,
    ) -> None:
        """`gate`: waits for a wake phrase and decides which voice events pass; None: all do, without coming here."""
        self._gate = gate
        self._recogniser = recogniser
        self._stop_words = stop_words
        self._preroll_s = preroll_s
        self._past: deque[tuple[float, Pcm]] = deque(maxlen=round(MEMORY_S / FRAME_S))
        self._heard_until = 0.0
        self._utterance: _Utterance | None = None
        self._chunk: list[Pcm] = []

    def hear(self, frame: Pcm, at: float, voice: tuple[Event, ...] = ()) -> list[Event]:
        """Take the 10 ms frame (int16, 16 kHz, shape (160,)) that ended at `at`, and its voice events for the gate."""
        self._past.append((at, frame))
        passed: list[Event] = []
        if self._gate is not None:
            passed += self._gate.hear(frame, at, voice)
            self._heard_until = max(self._heard_until, self._gate.called_at)
        if self._utterance is None:
            return passed
        self._chunk.append(frame)
        return passed + (self._feed(at) if len(self._chunk) >= CHUNK else [])

    def hold(self, held: bool, at: float) -> None:
        """Push-to-talk went down or up: it needs no wake phrase."""
        if self._gate is not None:
            self._gate.hold(held, at)

    def listen(self, utterance: int, since: float, at: float) -> list[Event]:
        """Begin `utterance` with all sound since `since` less the pre-roll, but none that was recognised before."""
        self._reset()
        begin = max(since - self._preroll_s, self._heard_until)
        frames = [(end, frame) for end, frame in self._past if end - FRAME_S >= begin - 1e-6]
        begun = frames[0][0] - FRAME_S if frames else self._now(at)
        self._utterance = _Utterance(utterance, begun)
        self._chunk = [frame for _, frame in frames]
        return self._feed(at) if frames else []

    def finalise(self, utterance: int, at: float) -> list[Event]:
        """End `utterance` and report its final transcript; nothing where it is not the present one."""
        current = self._utterance
        if current is None or current.number != utterance:
            return []
        if self._chunk:
            self._feed(at)
        result = self._recogniser.final()
        words = tuple(Word(w.text, current.begun + w.start, current.begun + w.end, w.confidence) for w in result.words)
        self._end(at)
        self._turn_over(bool(result.text))
        return [FinalTranscript(at, utterance, result.text, words)]

    def discard(self, utterance: int, at: float) -> None:
        """Forget `utterance`."""
        if self._utterance is not None and self._utterance.number == utterance:
            self._end(at)
            self._reset()
            self._turn_over(False)

    def _turn_over(self, had_words: bool) -> None:
        if self._gate is not None:
            self._gate.turn_over(had_words)

    def _end(self, at: float) -> None:
        self._utterance = None
        self._chunk = []
        self._heard_until = self._now(at)

    def _now(self, at: float) -> float:
        """Where the sound has got to: on a slow machine it lags behind `at`, the time of an order."""
        return self._past[-1][0] if self._past else at

    def _reset(self) -> None:
        self._recogniser.reset()
        if self._stop_words is not None:
            self._stop_words.reset()

    def _feed(self, at: float) -> list[Event]:
        current = self._utterance
        assert current is not None
        pcm = np.concatenate(self._chunk)
        self._chunk = []
        events: list[Event] = []
        if self._stop_words is not None and not current.stopped:
            phrase = self._stop_words.accept(pcm)
            if phrase is not None:
                current.stopped = True
                events.append(StopWordHeard(at, current.number, phrase))
        text = self._recogniser.accept(pcm)
        if text != current.partial:
            current.partial = text
            events.append(PartialTranscript(at, current.number, text))
        return events
