"""PCM: the frame every step works in, levels, resampling, and sound files."""

from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from assistant.errors import UserError

SAMPLE_RATE = 16_000
"""Hz; everything between the device streams runs at this rate."""
FRAME = 160
"""Samples in a frame: 10 ms."""
FRAME_S = FRAME / SAMPLE_RATE
FULL_SCALE = 32768.0
SILENCE_DBFS = -100.0
"""The level given to digital silence."""

Pcm = NDArray[np.int16]
"""Mono PCM, int16, shape (samples,)."""
Floats = NDArray[np.float32]
"""Mono samples, float32, full scale is 1.0, shape (samples,)."""


def dbfs(pcm: Pcm | Floats) -> float:
    """RMS level of `pcm` in dB relative to full scale, `SILENCE_DBFS` at least; a full-scale square wave is 0 dBFS."""
    if pcm.size == 0:
        return SILENCE_DBFS
    samples = to_float(pcm)
    return power_to_db(float(np.dot(samples, samples)) / samples.size)


def power_to_db(power: float) -> float:
    """10 log10 of a mean square (full scale is 1.0), `SILENCE_DBFS` at least."""
    return float(10.0 * np.log10(max(power, 1e-10)))


def db_to_gain(db: float) -> float:
    """The amplitude factor of `db` decibels."""
    return float(10.0 ** (db / 20.0))


def to_float(samples: Pcm | Floats) -> Floats:
    """float32, full scale 1.0, of either format."""
    scale = FULL_SCALE if samples.dtype == np.int16 else 1.0
    floats: Floats = samples.astype(np.float32) / np.float32(scale)
    return floats


def to_int16(samples: Floats) -> Pcm:
    """Float (full scale 1.0) to int16, rounded; what is beyond full scale clips."""
    pcm: Pcm = np.clip(np.rint(samples * np.float32(FULL_SCALE)), -32768, 32767).astype(np.int16)
    return pcm


def resample(pcm: Pcm, rate: int, to_rate: int) -> Pcm:
    """A whole sound from `rate` to `to_rate` Hz."""
    if rate == to_rate or pcm.size == 0:
        return pcm
    return to_int16(np.asarray(soxr.resample(to_float(pcm), rate, to_rate), dtype=np.float32))


class Resampler:
    """Streaming resampling: sample k of the output is heard k / `to_rate` seconds after the first sample of the input.

    The output comes in pieces of uneven length, a few milliseconds behind the input. Not thread-safe.
    """

    def __init__(self, rate: int, to_rate: int) -> None:
        self.rate = rate
        self.to_rate = to_rate
        self._stream = None if rate == to_rate else soxr.ResampleStream(rate, to_rate, 1, dtype="float32")

    def push(self, pcm: Pcm) -> Pcm:
        """Take input, int16 mono at `rate`; return the output that is ready, int16 mono at `to_rate`."""
        if self._stream is None:
            return pcm
        # In floats, since soxr adds random dither to integers: silence would not stay silent.
        return to_int16(np.asarray(self._stream.resample_chunk(to_float(pcm)), dtype=np.float32))


def read_wav(path: Path) -> Pcm:
    """A sound file of any rate, number of channels and format as int16 mono at `SAMPLE_RATE`.

    Raises UserError, naming the file, if it is missing or is not sound.
    """
    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (OSError, soundfile.LibsndfileError) as error:
        reason = "there is no such file" if not path.exists() else "it is not a sound file that can be read"
        raise UserError(f"Cannot read the sound {path}: {reason}; give a WAV or FLAC file.") from error
    if samples.shape[0] == 0:
        raise UserError(f"The sound {path} is empty; give a file that holds sound.")
    return resample(to_int16(samples.mean(axis=1, dtype=np.float32)), int(rate), SAMPLE_RATE)


def write_wav(path: Path, *channels: Pcm, rate: int = SAMPLE_RATE) -> None:
    """Write one channel (mono) or two (left, right) as 16-bit WAV; a shorter channel is padded with silence.

    Raises UserError, naming the file, if it cannot be written.
    """
    length = max(channel.size for channel in channels)
    table = np.zeros((length, len(channels)), dtype=np.int16)
    for column, channel in enumerate(channels):
        table[: channel.size, column] = channel
    try:
        soundfile.write(path, table, rate, subtype="PCM_16", format="WAV")
    except (OSError, soundfile.LibsndfileError) as error:
        raise UserError(f"Cannot write the sound {path}; check that the folder exists and can be written.") from error
