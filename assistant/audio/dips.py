"""Where the energy of synthesised speech dips: the best places to stop or to begin again, mostly between words."""

import numpy as np

from assistant.audio.pcm import Pcm

FRAME_S = 0.02
"""Energy is taken over this time: shorter would follow the pitch of a low voice."""
HOP_S = 0.005
"""The resolution of a dip."""
DEPTH_DB = 9.0
"""A dip is this much quieter than the speech on both of its sides."""
FLOOR_DB = -50.0
"""What is quieter than this, relative to the loudest frame, is equally quiet."""


def find_dips(pcm: Pcm, rate: int) -> tuple[int, ...]:
    """The dips of speech (int16 mono at `rate` Hz), as sample positions in rising order; its two ends are none.

    Alternating extremes with hysteresis (E. Billauer, "peakdet"): a dip counts once the level has fallen DEPTH_DB below
    the peak before it and risen DEPTH_DB above it again.
    """
    hop, size = max(1, round(HOP_S * rate)), max(1, round(FRAME_S * rate))
    if pcm.size < 2 * size:
        return ()
    power = np.concatenate(([0.0], np.cumsum(np.square(pcm.astype(np.float64)))))
    starts = np.arange(0, pcm.size - size + 1, hop)
    energy = power[starts + size] - power[starts]
    loudest = float(energy.max())
    if loudest == 0.0:
        return ()
    floor = 10.0 ** (FLOOR_DB / 10.0)
    levels = 10.0 * np.log10(np.maximum(energy / loudest, floor))
    return tuple(int(starts[frame]) + size // 2 for frame in _valleys(levels.tolist()))


def _valleys(levels: list[float]) -> list[int]:
    found: list[int] = []
    high, low, low_at, falling = FLOOR_DB, 0.0, 0, False
    for at, level in enumerate(levels):
        if falling:
            if level < low:
                low, low_at = level, at
            elif level > low + DEPTH_DB:
                found.append(low_at)
                high, falling = level, False
        elif level > high:
            high = level
        elif level < high - DEPTH_DB:
            low, low_at, falling = level, at, True
    return found
