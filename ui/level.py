"""How loudness becomes movement: a level from 0 to 1 that rises fast, falls slowly and rests at exactly 0."""

import math
from typing import Final

FLOOR_DBFS: Final = -50.0
"""Below this a room is taken to be quiet, and nothing moves."""
CEILING_DBFS: Final = -12.0
ATTACK_S: Final = 0.040
RELEASE_S: Final = 0.180
STEPS: Final = 32
CALM_STEPS: Final = 5
CALM_INTERVAL_S: Final = 0.25


class LevelFollower:
    """Follows a level in dBFS. With reduced motion it knows five steps and changes four times a second at most."""

    def __init__(self, calm: bool) -> None:
        self._calm = calm
        self._level = 0.0
        self._shown = 0.0
        self._since_change = CALM_INTERVAL_S

    def step(self, dbfs: float, seconds: float) -> float:
        """The level to show, `seconds` after the last call."""
        target = min(1.0, max(0.0, (dbfs - FLOOR_DBFS) / (CEILING_DBFS - FLOOR_DBFS)))
        time_constant = ATTACK_S if target > self._level else RELEASE_S
        self._level += (target - self._level) * (1 - math.exp(-seconds / time_constant))
        steps = CALM_STEPS if self._calm else STEPS
        stepped = round(self._level * steps) / steps
        self._since_change += seconds
        if not self._calm:
            self._shown = stepped
        elif stepped != self._shown and self._since_change >= CALM_INTERVAL_S:
            self._shown, self._since_change = stepped, 0.0
        return self._shown
