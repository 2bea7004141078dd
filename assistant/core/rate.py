"""How often Parley is interrupted, and a hint when that jumps."""

from collections import deque
from dataclasses import dataclass, field

from assistant.core.phrases import Phrases

WINDOW_S = 300.0
"""The rate is taken over this time."""
RECENT_S = 60.0
"""The last part of the window, which is compared with the rest of it."""
ALERT_COUNT = 4
"""Least interruptions within RECENT_S for an alert: fewer may be a lively conversation."""
ALERT_RATIO = 3.0
"""The recent rate is this many times the rate before it."""
QUIET_S = 300.0
"""Least time from one alert to the next."""


@dataclass(slots=True)
class InterruptionRate:
    """Counts interruptions, and sounds that turned out to be none, on the event time line (seconds)."""

    phrases: Phrases
    _noted: deque[tuple[float, bool]] = field(default_factory=deque)
    _alerted: float | None = None

    def add(self, at: float, *, noise: bool = False) -> None:
        """Note one at `at`; times do not go back. `noise`: it had no words, or was no interruption in the end."""
        self._noted.append((at, noise))
        self._forget(at)

    def per_minute(self, at: float) -> float:
        """Interruptions per minute, over the WINDOW_S before `at`; sounds that were none count too."""
        self._forget(at)
        return len(self._noted) * 60.0 / WINDOW_S

    def alert(self, at: float) -> str:
        """What may be wrong, and which setting helps, if the rate has jumped; "" otherwise, or if just said."""
        self._forget(at)
        recent = [noise for when, noise in self._noted if when > at - RECENT_S]
        earlier = (len(self._noted) - len(recent)) * RECENT_S / (WINDOW_S - RECENT_S)
        if len(recent) < max(ALERT_COUNT, ALERT_RATIO * earlier):
            return ""
        if self._alerted is not None and at < self._alerted + QUIET_S:
            return ""
        self._alerted = at
        return self.phrases.alert_noise if 2 * sum(recent) > len(recent) else self.phrases.alert_words

    def _forget(self, at: float) -> None:
        while self._noted and self._noted[0][0] <= at - WINDOW_S:
            self._noted.popleft()
