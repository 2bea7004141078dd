"""The loudness of playout from sample to sample: ramps, and fades to silence, none of which clicks."""

import numpy as np

from assistant.audio.pcm import Floats

FULL = 1.0


class Gain:
    """An amplitude factor (0..1) that moves towards a target at a steady rate, and can fade out. Not thread-safe."""

    def __init__(self) -> None:
        self.target = FULL
        """Where the gain goes; where it begins again after a fade."""
        self._now = FULL
        self._fade: Floats | None = None
        self._held = False

    @property
    def fading(self) -> int | None:
        """Samples left of the fade; None if there is none."""
        return None if self._fade is None else int(self._fade.size)

    def settle(self) -> None:
        """Be at the target: nothing plays, so nobody hears a jump."""
        self._now = self.target

    def hold(self) -> None:
        """Stay where it is until the next fade, whatever the target."""
        self._held = True

    def begin_fade(self, length: int) -> None:
        """Go from here to silence in `length` samples, by half a cosine."""
        self._held = False
        phase = np.arange(1, length + 1, dtype=np.float32) / np.float32(max(1, length))
        self._fade = (self._now * 0.5 * (1.0 + np.cos(np.pi * phase))).astype(np.float32)

    def end_fade(self, at: float) -> None:
        """The fade is over: go on from the gain `at`."""
        self._fade = None
        self._now = at

    def next(self, count: int, step: float) -> Floats | float | None:
        """The gain of each of the next `count` samples, changing by `step` at most; None for 1.0."""
        if self._fade is not None:
            fade, self._fade = self._fade[:count], self._fade[count:]
            return fade
        if self._held or self._now == self.target:
            return None if self._now == FULL else self._now
        towards = step if self.target > self._now else -step
        unbounded = self._now + towards * np.arange(1, count + 1, dtype=np.float32)
        low, high = sorted((self._now, self.target))
        ramp: Floats = np.clip(unbounded, low, high).astype(np.float32)
        if count:
            # The last steps of a ramp in float32 may miss the target by a rounding error, for ever.
            self._now = self.target if abs(float(ramp[-1]) - self.target) < step / 2 else float(ramp[-1])
        return ramp
