"""Voice activity by energy: whether somebody is speaking, and since when.

A frame is voiced if its level is well above the noise floor, which follows the minimum statistics of the sound
(R. Martin, "Noise power spectral density estimation based on optimal smoothing and minimum statistics", 2001, here on
the energy of the whole band). Hysteresis has four states, and time is counted in frames.
"""

import math
from collections import deque
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from assistant.audio.pcm import FRAME, FRAME_S, SAMPLE_RATE, SILENCE_DBFS, Floats, Pcm, power_to_db, to_float
from assistant.core.events import Event, SpeechStarted, SpeechStopped

DIGITAL_SILENCE_DBFS = -90.0
"""Below this a device delivers zeros: no statement on the room's noise."""


class State(StrEnum):
    """Where voice activity stands."""

    QUIET = "quiet"
    STARTING = "starting"
    SPEAKING = "speaking"
    STOPPING = "stopping"


class Sound(StrEnum):
    """What the latest frame says; ENOUGH: the run of such frames is as long as `start_s` or `stop_s`."""

    VOICED = "voiced"
    VOICED_ENOUGH = "voiced_enough"
    UNVOICED = "unvoiced"
    UNVOICED_ENOUGH = "unvoiced_enough"


TRANSITIONS: dict[tuple[State, Sound], State] = {
    (State.QUIET, Sound.VOICED): State.STARTING,
    (State.QUIET, Sound.VOICED_ENOUGH): State.SPEAKING,
    (State.QUIET, Sound.UNVOICED): State.QUIET,
    (State.QUIET, Sound.UNVOICED_ENOUGH): State.QUIET,
    (State.STARTING, Sound.VOICED): State.STARTING,
    (State.STARTING, Sound.VOICED_ENOUGH): State.SPEAKING,
    (State.STARTING, Sound.UNVOICED): State.QUIET,
    (State.STARTING, Sound.UNVOICED_ENOUGH): State.QUIET,
    (State.SPEAKING, Sound.VOICED): State.SPEAKING,
    (State.SPEAKING, Sound.VOICED_ENOUGH): State.SPEAKING,
    (State.SPEAKING, Sound.UNVOICED): State.STOPPING,
    (State.SPEAKING, Sound.UNVOICED_ENOUGH): State.QUIET,
    (State.STOPPING, Sound.VOICED): State.SPEAKING,
    (State.STOPPING, Sound.VOICED_ENOUGH): State.SPEAKING,
    (State.STOPPING, Sound.UNVOICED): State.STOPPING,
    (State.STOPPING, Sound.UNVOICED_ENOUGH): State.QUIET,
}

TALKING = frozenset({State.SPEAKING, State.STOPPING})
"""The states between SpeechStarted and SpeechStopped."""


@dataclass(frozen=True, slots=True)
class VadOptions:
    """Thresholds of the voice activity detector."""

    threshold_db: float = 9.0
    """A voiced frame is this much above the noise floor."""
    min_dbfs: float = -50.0
    """And at least this loud."""
    start_s: float = 0.06
    """Consecutive voiced sound that starts speech."""
    stop_s: float = 0.25
    """Unvoiced sound that ends it."""


@dataclass(frozen=True, slots=True)
class Strictness:
    """What a frame has to overcome beyond `VadOptions` while our own voice plays."""

    least_dbfs: float = SILENCE_DBFS
    """Quieter frames are unvoiced."""
    keep_floor: bool = False
    """The noise floor may rise and not fall: what the canceller lowers along with the echo is not the room's noise."""


RELAXED = Strictness()


class Butterworth:
    """Second-order Butterworth filter, high-pass or low-pass, one frame at a time.

    Coefficients by the bilinear transform. One frame is one matrix product: the filter's answer to each input sample
    and to each of the four numbers that it remembers is computed once.
    """

    def __init__(self, cutoff_hz: float, high_pass: bool) -> None:
        k = math.tan(math.pi * cutoff_hz / SAMPLE_RATE)
        norm = 1.0 / (1.0 + math.sqrt(2.0) * k + k * k)
        a1, a2 = 2.0 * (k * k - 1.0) * norm, (1.0 - math.sqrt(2.0) * k + k * k) * norm
        b0, b1 = (norm, -2.0 * norm) if high_pass else (k * k * norm, 2.0 * k * k * norm)
        # The columns of `inputs` and `outputs` are x[-2], x[-1], y[-2], y[-1], x[0] ... x[FRAME - 1].
        unit = np.eye(FRAME + 4)
        x = np.concatenate((unit[:2], unit[4:]))
        y = np.zeros((FRAME + 2, FRAME + 4))
        y[:2] = unit[2:4]
        for n in range(2, FRAME + 2):
            y[n] = b0 * (x[n] + x[n - 2]) + b1 * x[n - 1] - a1 * y[n - 1] - a2 * y[n - 2]
        self._answer = y[2:].astype(np.float32)
        self._state = np.zeros(FRAME + 4, dtype=np.float32)

    def process(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Filter one frame: float32, shape (FRAME,)."""
        self._state[4:] = samples
        filtered = self._answer @ self._state
        self._state[:2] = samples[-2:]
        self._state[2:4] = filtered[-2:]
        return filtered


class BandLevel:
    """The level of a voice's band in a stream of frames. Not thread-safe."""

    BAND_HZ = (100.0, 3500.0)
    """What counts: above hum and handling noise, and below where noise goes on and a voice does not."""

    def __init__(self) -> None:
        self.frame_dbfs = SILENCE_DBFS
        """Of the latest frame."""
        self.dbfs = SILENCE_DBFS
        """Of the latest two frames; a voice's single frames rise and fall too much."""
        self._filters = (Butterworth(self.BAND_HZ[0], high_pass=True), Butterworth(self.BAND_HZ[1], high_pass=False))
        self._last_power = 0.0

    def update(self, samples: Floats) -> float:
        """Take one frame (float32, shape (FRAME,), full scale 1.0) and return `dbfs`."""
        for stage in self._filters:
            samples = stage.process(samples)
        power = float(np.dot(samples, samples)) / FRAME
        self.frame_dbfs = power_to_db(power)
        self.dbfs = power_to_db((power + self._last_power) / 2.0)
        self._last_power = power
        return self.dbfs


class NoiseFloor:
    """The level of the background in dBFS: follows a fall at once, and a rise after `WINDOW_S` at most."""

    WINDOW_S = 2.4
    PARTS = 8
    MEAN_FRAMES = 3
    """Levels are averaged over so many frames: short enough to see the noise in the gaps between words."""
    BIAS_DB = 2.0
    """The minimum of noise lies this much below its mean (at this window and averaging)."""
    LOWEST_DBFS = -75.0
    HIGHEST_DBFS = -25.0

    def __init__(self) -> None:
        self._minima: deque[float] = deque([math.inf], maxlen=self.PARTS)
        self._frames = 0
        self._powers: deque[float] = deque(maxlen=self.MEAN_FRAMES)
        self.dbfs = self.LOWEST_DBFS

    def update(self, level_dbfs: float, keep: bool = False) -> float:
        """Take the level of one frame and return the floor; `keep`: the floor may rise and not fall."""
        if level_dbfs < DIGITAL_SILENCE_DBFS:
            return self.dbfs
        if keep:
            level_dbfs = max(level_dbfs, self.dbfs - self.BIAS_DB)
        self._powers.append(10.0 ** (level_dbfs / 10.0))
        self._minima[-1] = min(self._minima[-1], sum(self._powers) / len(self._powers))
        floor = power_to_db(min(self._minima)) + self.BIAS_DB
        self.dbfs = min(max(floor, self.LOWEST_DBFS), self.HIGHEST_DBFS)
        self._frames += 1
        if self._frames * FRAME_S >= self.WINDOW_S / self.PARTS:
            self._frames = 0
            self._minima.append(math.inf)
        return self.dbfs


class EnergyVad:
    """Voice activity of a stream of 10 ms frames. Not thread-safe."""

    def __init__(self, options: VadOptions | None = None) -> None:
        self.options = options or VadOptions()
        self.state = State.QUIET
        self._level = BandLevel()
        self._floor = NoiseFloor()
        self._voiced_run = 0
        self._unvoiced_run = 0
        self._run_began = 0.0
        self._voiced_until = 0.0

    @property
    def level_dbfs(self) -> float:
        """Level of the latest two frames inside the band of a voice."""
        return self._level.dbfs

    @property
    def floor_dbfs(self) -> float:
        """The noise floor."""
        return self._floor.dbfs

    def process(self, frame: Pcm, at: float, strictness: Strictness = RELAXED) -> tuple[Event, ...]:
        """Take one frame (int16, shape (FRAME,)) that ended at `at` seconds; say whether speech started or stopped."""
        self._level.update(to_float(frame))
        floor = self._floor.update(self._level.frame_dbfs, strictness.keep_floor)
        least = max(floor + self.options.threshold_db, self.options.min_dbfs, strictness.least_dbfs)
        return self._advance(self._sound(self.level_dbfs > least, at), at)

    def silence(self, at: float) -> tuple[Event, ...]:
        """End any speech now: the microphone was muted or lost."""
        self._voiced_run = 0
        return self._advance(Sound.UNVOICED_ENOUGH, at)

    def _sound(self, voiced: bool, at: float) -> Sound:
        if not voiced:
            self._voiced_run = 0
            self._unvoiced_run += 1
            return Sound.UNVOICED_ENOUGH if _lasts(self._unvoiced_run, self.options.stop_s) else Sound.UNVOICED
        if self._voiced_run == 0:
            self._run_began = at - FRAME_S
        self._voiced_run += 1
        self._unvoiced_run = 0
        self._voiced_until = at
        return Sound.VOICED_ENOUGH if _lasts(self._voiced_run, self.options.start_s) else Sound.VOICED

    def _advance(self, sound: Sound, at: float) -> tuple[Event, ...]:
        before, self.state = self.state, TRANSITIONS[self.state, sound]
        if before not in TALKING and self.state in TALKING:
            return (SpeechStarted(at=at, onset=self._run_began),)
        if before in TALKING and self.state not in TALKING:
            return (SpeechStopped(at=at, offset=self._voiced_until),)
        return ()


def _lasts(frames: int, seconds: float) -> bool:
    return frames * FRAME >= round(seconds * SAMPLE_RATE)
