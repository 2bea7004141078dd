"""How loud the echo of our voice can be, moment by moment, so that a user who is louder shows at once.

A canceller that has not heard much echo yet suppresses the user's voice together with ours. But it takes no canceller
to see that the microphone is louder than our voice can make it: levels are enough. The delay of the echo is where the
levels of loudspeaker and microphone, in dB, correlate best; its gain is what the microphone nearly always stays below;
what is still ringing in the room fades at the rate of a rather live one.
"""

from collections import deque

import numpy as np
from numpy.typing import NDArray

PLAYING_DBFS = -45.0
"""Our voice is loud enough for its echo to be learned from."""
LEAST_DBFS = -65.0
"""Levels below count as this one where delays are looked for."""
LAGS = 40
"""Longest delay looked for, in frames of 10 ms."""
WINDOW = 150
"""Frames over which levels are correlated."""
EVERY = 10
"""Frames between two looks at delay and gain."""
CORRELATED = 0.5
"""Least correlation of levels that shows a delay."""
FADE_DB = 1.5
"""What rings in the room fades by so much in a frame: 60 dB in 0.4 s."""
HEARD = 40
"""Frames of echo from which its gain is known (0.4 s)."""
REMEMBERED = 300
"""Frames of echo that the gain is taken from."""
NEARLY_ALWAYS = 95
"""Percentile of the microphone's level over the reference that counts as the echo's gain."""
DOUBT_FRAMES = 150
"""A microphone that is mostly louder than the echo for this long (1.5 s): perhaps the loudspeaker was turned up."""


class EchoLevel:
    """Expects the echo's level from what was played. Not thread-safe."""

    def __init__(self) -> None:
        self._reference: deque[float] = deque([-100.0] * (WINDOW + LAGS), maxlen=WINDOW + LAGS)
        self._microphone: deque[float] = deque([-100.0] * WINDOW, maxlen=WINDOW)
        self._over: deque[float] = deque(maxlen=REMEMBERED)
        self._lag: int | None = None
        self._gain_db: float | None = None
        self._ringing = -100.0
        self._frames = 0
        self._louder_for = 0

    def excess_db(self, microphone_dbfs: float, reference_dbfs: float) -> float | None:
        """Take the levels of one frame; say how far the microphone is above the echo to be expected (dB).

        None while the echo is not known yet.
        """
        self._reference.append(reference_dbfs)
        self._microphone.append(microphone_dbfs)
        self._frames += 1
        if self._frames % EVERY == 0:
            self._look()
        if self._lag is None:
            return None
        direct = max(self._reference[-1 - lag] for lag in range(max(0, self._lag - 1), self._lag + 2))
        self._ringing = max(direct, self._ringing - FADE_DB)
        over = microphone_dbfs - self._ringing
        excess = over - self._gain_db if self._gain_db is not None else None
        self._learn(over, direct, excess)
        return excess

    def _learn(self, over: float, direct: float, excess: float | None) -> None:
        """Remember how loud the echo was, but not the user's voice on top of it."""
        if direct <= PLAYING_DBFS:
            return
        louder = excess is not None and excess > 3.0
        self._louder_for = min(max(0, self._louder_for + (1 if louder else -1)), 2 * DOUBT_FRAMES)
        if not louder or self._louder_for > DOUBT_FRAMES:
            self._over.append(over)

    def _look(self) -> None:
        reference = np.maximum(np.array(self._reference), LEAST_DBFS)
        if np.count_nonzero(reference[-WINDOW:] > PLAYING_DBFS) >= HEARD:
            self._find_lag(reference, np.maximum(np.array(self._microphone), LEAST_DBFS))
        if len(self._over) >= HEARD:
            self._gain_db = float(np.percentile(np.array(self._over), NEARLY_ALWAYS))

    def _find_lag(self, reference: NDArray[np.float64], microphone: NDArray[np.float64]) -> None:
        played = np.lib.stride_tricks.sliding_window_view(reference, WINDOW)[LAGS::-1]
        played = played - played.mean(axis=1, keepdims=True)
        heard = microphone - microphone.mean()
        scale = np.sqrt(np.square(played).sum(axis=1) * np.square(heard).sum()) + 1e-9
        correlation = played @ heard / scale
        best = int(np.argmax(correlation))
        if correlation[best] < CORRELATED or best == self._lag:
            return
        if self._lag is None or abs(best - self._lag) > 1:
            self._lag = best
            self._over.clear()
            self._gain_db = None
