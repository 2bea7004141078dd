"""The wake phrase: while it is wanted, only words after it reach the conversation.

The gate stands between voice activity and the conversation. It swallows the beginning of speech until a small
recogniser has heard the phrase; the turn that follows is let through whole, and then the gate closes. Parley's own
speech can then be interrupted by the phrase, by a stop word, by the keys and the button; push-to-talk needs no phrase.
"""

import math
from collections import deque
from enum import StrEnum
from typing import Protocol

import numpy as np

from assistant.core.events import Event, InterruptRequested, SpeechStarted, SpeechStopped
from assistant.core.interruptions import Reason
from assistant.engines.protocols import Pcm
from assistant.session.ear import StopWords

FRAME_S = 0.01
BEFORE_S = 0.5
"""Sound from before the onset of speech that the spotter gets: a soft first word."""
LISTENS_S = 6.0
"""After the phrase, words must begin within this time."""
CHUNK = 3
"""Frames handed to the spotter at once."""


class Spotter(Protocol):
    """Waits for the phrase."""

    def accept(self, pcm: Pcm) -> float | None:
        """Take sound (int16, mono, 16 kHz); the end of the phrase, once heard, in seconds since the last `reset`."""
        ...

    def reset(self) -> None:
        """Forget everything heard."""
        ...


class Gate(StrEnum):
    """What passes."""

    CLOSED = "closed"
    """Nothing: the phrase is waited for."""
    CALLED = "called"
    """The phrase was heard: the next speech passes."""
    TURN = "turn"
    """Everything: the user's turn is on."""


class Cause(StrEnum):
    """What moves the gate."""

    PHRASE = "phrase"
    SPEECH = "speech"
    WORDS = "words"
    """The turn is over, and had words."""
    NO_WORDS = "no words"
    """What seemed to be a turn was noise."""
    TIME = "time"
    """Nobody spoke for a while."""
    KEY = "key"
    """Push-to-talk."""


TRANSITIONS: dict[tuple[Gate, Cause], Gate] = {
    (Gate.CLOSED, Cause.PHRASE): Gate.CALLED,
    (Gate.CLOSED, Cause.KEY): Gate.TURN,
    (Gate.CALLED, Cause.PHRASE): Gate.CALLED,
    (Gate.CALLED, Cause.SPEECH): Gate.TURN,
    (Gate.CALLED, Cause.KEY): Gate.TURN,
    (Gate.CALLED, Cause.TIME): Gate.CLOSED,
    (Gate.TURN, Cause.WORDS): Gate.CLOSED,
    (Gate.TURN, Cause.NO_WORDS): Gate.CALLED,
    (Gate.TURN, Cause.TIME): Gate.CLOSED,
}
"""Anything else changes nothing."""


class WakeGate:
    """Lets voice events through, or not. One thread owns it."""

    def __init__(self, spotter: Spotter, stop_words: StopWords) -> None:
        self.state = Gate.CLOSED
        self.called_at = 0.0
        """Where the phrase ended that was heard last, seconds; sound before it belongs to no turn."""
        self._spotter = spotter
        self._stop_words = stop_words
        self._past: deque[Pcm] = deque(maxlen=round(BEFORE_S / FRAME_S))
        self._chunk: list[Pcm] = []
        self._stretch_began: float | None = None
        """Time of the first sample that the spotter got; None before it got any of the present speech."""
        self._stopped = False
        """The stop word of the present speech was reported."""
        self._talking = False
        """Voice activity says that somebody talks."""
        self._passed = False
        """And the conversation knows."""
        self._deadline = 0.0

    def hear(self, frame: Pcm, at: float, events: tuple[Event, ...]) -> tuple[Event, ...]:
        """Take the 10 ms frame (int16, shape (160,)) that ended at `at`, and its events; return those that pass."""
        passing: list[Event] = []
        for event in events:
            passing += self._take(event)
        if not self._talking or self.state is Gate.TURN:
            self._stretch_began = None
        else:
            passing += self._listen(frame, at)
        self._past.append(frame)
        if not self._talking and at >= self._deadline:
            self._move(Cause.TIME)
        return tuple(passing)

    def turn_over(self, had_words: bool) -> None:
        """The turn was recognised, or dropped; one without words was none."""
        self._move(Cause.WORDS if had_words else Cause.NO_WORDS)

    def hold(self, held: bool, at: float) -> None:
        """Push-to-talk went down or up."""
        self._deadline = math.inf if held else at + LISTENS_S
        if held:
            self._move(Cause.KEY)
            self._passed = self._talking

    def _take(self, event: Event) -> list[Event]:
        """Whether a voice event passes; one that ends what has passed always does."""
        if isinstance(event, SpeechStarted):
            self._talking = True
            self._move(Cause.SPEECH)
            self._passed = self.state is Gate.TURN
            return [event] if self._passed else []
        if isinstance(event, SpeechStopped):
            self._talking = False
            if self.state is Gate.TURN:
                self._deadline = max(self._deadline, event.at + LISTENS_S)
            passed, self._passed = self._passed, False
            return [event] if passed else []
        return [event]

    def _listen(self, frame: Pcm, at: float) -> list[Event]:
        """Give the spotters what is said; where the phrase ends in the middle of it, the turn begins there."""
        if self._stretch_began is None:
            self._stretch_began = at - FRAME_S * (1 + len(self._past))
            self._chunk = list(self._past)
            self._stopped = False
            self._spotter.reset()
            self._stop_words.reset()
        self._chunk.append(frame)
        if len(self._chunk) < CHUNK:
            return []
        pcm, self._chunk = np.concatenate(self._chunk), []
        if not self._stopped and self._stop_words.accept(pcm) is not None:
            self._stopped = True
            return [InterruptRequested(at, Reason.USER_SPEAKING)]
        end = self._spotter.accept(pcm)
        if end is None:
            return []
        self.called_at = min(at, self._stretch_began + end)
        self._deadline = at + LISTENS_S
        self._move(Cause.PHRASE)
        self._move(Cause.SPEECH)
        self._passed = True
        return [SpeechStarted(at=at, onset=self.called_at)]

    def _move(self, cause: Cause) -> None:
        self.state = TRANSITIONS.get((self.state, cause), self.state)
