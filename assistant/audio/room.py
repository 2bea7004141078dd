"""A simulated room in virtual time: what the microphone hears of our loudspeaker, the user and the noise."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from assistant.audio.pcm import FRAME, SAMPLE_RATE, Floats, Pcm, db_to_gain, dbfs, power_to_db, to_float, to_int16

VOICED_BELOW_PEAK_DB = 30.0
"""A frame counts as voiced if its level is within this much of the loudest frame."""


class Output(StrEnum):
    """What our voice comes out of."""

    SPEAKER = "speaker"
    HEADSET = "headset"


@dataclass(frozen=True, slots=True)
class RoomOptions:
    """A room; levels are dBFS RMS at the microphone."""

    output: Output = Output.SPEAKER
    echo_gain_db: float = -10.0
    """Our voice at the microphone, relative to playout."""
    echo_delay_ms: float = 60.0
    rir: Floats | None = None
    """Impulse response at 16 kHz, scaled to unit energy before use; None: a single reflection-free path."""
    noise: Pcm | None = None
    """Background noise at 16 kHz, looped."""
    noise_dbfs: float = -50.0
    floor_dbfs: float = -70.0
    """The microphone's own (white) noise."""
    seed: int = 1


class PartitionedConvolution:
    """Convolution with a long impulse response, 10 ms at a time (uniformly partitioned overlap-save).

    After F. Wefers, "Partitioned convolution algorithms for real-time auralization", 2015, section 5.3.
    """

    def __init__(self, response: NDArray[np.float64]) -> None:
        """`response`: float64, shape (taps,), at least one tap."""
        parts = -(-response.size // FRAME)
        padded = np.zeros(parts * FRAME)
        padded[: response.size] = response
        self._filters = np.fft.rfft(padded.reshape(parts, FRAME), 2 * FRAME, axis=1)
        self._spectra = np.zeros((parts, FRAME + 1), dtype=np.complex128)
        self._window = np.zeros(2 * FRAME)

    def step(self, block: NDArray[np.float64]) -> NDArray[np.float64]:
        """One frame in, one frame out: float64, shape (FRAME,)."""
        self._window = np.concatenate((self._window[FRAME:], block))
        self._spectra = np.roll(self._spectra, 1, axis=0)
        self._spectra[0] = np.fft.rfft(self._window)
        return np.fft.irfft((self._spectra * self._filters).sum(axis=0))[FRAME:]


class Room:
    """What the microphone hears of what we play and what the user says, frame by frame; the same on every run."""

    def __init__(self, options: RoomOptions) -> None:
        self._random = np.random.default_rng(options.seed)
        self._floor_gain = db_to_gain(options.floor_dbfs)
        self._noise = _scaled_noise(options)
        self._noise_at = 0
        self._echo = None if options.output is Output.HEADSET else PartitionedConvolution(_echo_response(options))

    def step(self, playout: Pcm, user: Pcm | Floats | None = None) -> Pcm:
        """Advance by 10 ms.

        `playout`: what the loudspeaker plays, int16 at 16 kHz, shape (FRAME,). `user`: everything else at the
        microphone, already at its level there, int16 or float32 (full scale 1.0), same shape. Returns the microphone's
        frame, int16, clipped at full scale.
        """
        heard = self._random.standard_normal(FRAME) * self._floor_gain
        if self._noise is not None:
            heard += self._noise[(self._noise_at + np.arange(FRAME)) % self._noise.size]
            self._noise_at = (self._noise_at + FRAME) % self._noise.size
        if self._echo is not None:
            heard += self._echo.step(to_float(playout).astype(np.float64))
        if user is not None:
            heard += to_float(user)
        return to_int16(heard.astype(np.float32))


def scale_to_dbfs(pcm: Pcm, level_dbfs: float) -> Floats:
    """`pcm` (int16, 16 kHz) scaled so that its voiced part has the RMS level `level_dbfs`; float32, full scale 1.0."""
    samples = to_float(pcm)
    return samples * np.float32(db_to_gain(level_dbfs - voiced_dbfs(pcm)))


def voiced_dbfs(pcm: Pcm) -> float:
    """RMS level of the voiced frames of `pcm`: those within `VOICED_BELOW_PEAK_DB` of the loudest."""
    whole = to_float(pcm[: pcm.size // FRAME * FRAME]).reshape(-1, FRAME)
    if whole.shape[0] == 0:
        return dbfs(pcm)
    powers = np.mean(np.square(whole, dtype=np.float64), axis=1)
    voiced = powers[powers >= powers.max() * 10.0 ** (-VOICED_BELOW_PEAK_DB / 10.0)]
    return power_to_db(float(voiced.mean()))


def _scaled_noise(options: RoomOptions) -> NDArray[np.float64] | None:
    if options.noise is None:
        return None
    return to_float(options.noise).astype(np.float64) * db_to_gain(options.noise_dbfs - dbfs(options.noise))


def _echo_response(options: RoomOptions) -> NDArray[np.float64]:
    direct = np.ones(1) if options.rir is None else options.rir.astype(np.float64)
    direct = direct / np.sqrt(np.sum(np.square(direct)))
    delay = np.zeros(round(options.echo_delay_ms * SAMPLE_RATE / 1000.0))
    return np.concatenate((delay, direct)) * db_to_gain(options.echo_gain_db)
