"""How loud what the canceller leaves of our voice can be, moment by moment: whatever is louder is the user.

The echo that the canceller takes out says how loud the echo is now, and what rings in the room fades at a rate that
even a live room keeps. What is left stays nearly always below a share of that, which is learned while our voice plays;
it falls as the canceller converges, so no time has to be waited for.
"""

from collections import deque

import numpy as np

AUDIBLE_DBFS = -60.0
"""The echo is loud enough to be learned from."""
FADE_DB = 1.0
"""What rings in the room fades by so much in a frame: 60 dB in 0.6 s."""
UNKNOWN_DB = 3.0
"""What may be left until it is learned, relative to what is taken out."""
LATEST = 36
"""Until something is known, an echo may come this many frames after our voice ..."""
LOUDEST_DB = 3.0
"""... and be this much louder than what was played."""
ABSENT_DB = 30.0
"""A canceller that takes out so much less than what is played finds no echo; ..."""
ABSENT_FRAMES = 60
"""... after so many frames of our voice (0.6 s) that is known, too."""
PLAYING_DBFS = -45.0
LOST_FRAMES = 5
"""So many frames in a row without the echo show that it is another one."""
BEST_DB = -22.0
"""No canceller is trusted further than this."""
KNOWN = 12
"""Frames of echo from which something is known (0.12 s)."""
REMEMBERED = 80
"""Frames of echo that are learned from (0.8 s)."""
LEARN_EVERY = 5
NEARLY_ALWAYS = 95
"""Percentile of what was left that counts as its limit."""
LOUDER_DB = 3.0
"""Above the limit by this much it is the user, and not learned from ..."""
DOUBT_FRAMES = 150
"""... unless it mostly goes on for this long (1.5 s): perhaps the loudspeaker was turned up."""


class ResidualEcho:
    """Expects the level of the residual echo. Not thread-safe."""

    def __init__(self) -> None:
        self.left_db = UNKNOWN_DB
        """What is left, nearly always below this relative to what was taken out, dB."""
        self.known = False
        """Echo was heard."""
        self._played: deque[float] = deque(maxlen=LATEST)
        self._without_echo = 0
        self._lost = 0
        self._left: deque[float] = deque(maxlen=REMEMBERED)
        self._ringing = -100.0
        self._echo_dbfs = -100.0
        self._learned = 0
        self._louder_for = 0

    def limit_dbfs(self, echo_dbfs: float, played_dbfs: float, *, lost: bool = False) -> float:
        """Take the levels of the echo that the canceller takes out of this frame, and of our voice.

        Returns the most that the canceller may leave; all of the echo where it has `lost` its way.
        """
        self._echo_dbfs = echo_dbfs
        self._played.append(played_dbfs)
        self._ringing = max(echo_dbfs, self._ringing - FADE_DB)
        self._lost = self._lost + 1 if lost else 0
        if self._lost >= LOST_FRAMES:
            self.doubt()
            return max(self._played) + LOUDEST_DB
        if self.known:
            return self._ringing + self.left_db
        absent = played_dbfs > PLAYING_DBFS and self._ringing < played_dbfs - ABSENT_DB
        self._without_echo += absent
        self.known = self._without_echo >= ABSENT_FRAMES
        return max(self._played) + LOUDEST_DB

    def doubt(self) -> None:
        """The echo path may have changed."""
        self._left.clear()
        self.left_db = max(self.left_db, UNKNOWN_DB)

    def learn(self, rest_dbfs: float) -> None:
        """Take the level of what the canceller left of the same frame."""
        if self._echo_dbfs <= AUDIBLE_DBFS:
            return
        left = rest_dbfs - self._ringing
        louder = left > self.left_db + LOUDER_DB
        self._louder_for = min(max(0, self._louder_for + (1 if louder else -1)), 2 * DOUBT_FRAMES)
        if louder and self.known and self._louder_for <= DOUBT_FRAMES:
            return
        self._left.append(left)
        self._learned += 1
        if len(self._left) >= KNOWN and self._learned % LEARN_EVERY == 0:
            self.left_db = max(BEST_DB, float(np.percentile(np.array(self._left), NEARLY_ALWAYS)))
            self.known = True
