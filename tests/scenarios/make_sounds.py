"""Makes the two noises of the scenarios, cough.flac and fan.flac; the same on every run."""

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

FOLDER = Path(__file__).parent
RATE = 16_000


def noise(samples: int, low_hz: float, high_hz: float, seed: int) -> NDArray[np.float64]:
    """Noise between two frequencies that can be looped, peak 1.0, shape (samples,)."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(samples))
    frequency = np.fft.rfftfreq(samples, 1 / RATE)
    spectrum[(frequency < low_hz) | (frequency > high_hz)] = 0
    sound: NDArray[np.float64] = np.fft.irfft(spectrum, samples)
    sound /= np.abs(sound).max()
    return sound


def cough() -> NDArray[np.float64]:
    """A burst of noise that begins at once and dies away within a third of a second, shape (samples,)."""
    time = np.arange(round(0.35 * RATE)) / RATE
    return noise(time.size, 250, 3500, seed=1) * np.minimum(1, time / 0.008) * np.exp(-time / 0.07)


def fan() -> NDArray[np.float64]:
    """A second of low noise, shape (samples,)."""
    return noise(RATE, 60, 900, seed=2) * 0.02


if __name__ == "__main__":
    for name, sound in (("cough", cough()), ("fan", fan())):
        soundfile.write(FOLDER / f"{name}.flac", sound, RATE, subtype="PCM_16")
