"""Makes the sounds of the scenarios, the FLAC files beside this one; the same on every run."""

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


def click() -> NDArray[np.float64]:
    """20 ms of a click, shape (samples,)."""
    time = np.arange(round(0.02 * RATE)) / RATE
    return noise(time.size, 1000, 7000, seed=3) * np.exp(-time / 0.004)


def clap() -> NDArray[np.float64]:
    """A clap of the hands: a sixth of a second, shape (samples,)."""
    time = np.arange(round(0.16 * RATE)) / RATE
    return noise(time.size, 500, 6000, seed=4) * np.exp(-time / 0.03)


def hum() -> NDArray[np.float64]:
    """Somebody hums for a second and a half: a voice without words, shape (samples,)."""
    time = np.arange(round(1.5 * RATE)) / RATE
    pitch = 140 * (1 + 0.01 * np.sin(2 * np.pi * 5 * time))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    sound = np.minimum(1, np.minimum(time, 1.5 - time) / 0.05)
    sound *= sum(np.sin(n * phase) / n**2 for n in range(1, 8))
    sound *= 0.5 / np.abs(sound).max()
    return sound


SOUNDS = {"cough": cough, "fan": fan, "click": click, "clap": clap, "hum": hum}

if __name__ == "__main__":
    for name, make in SOUNDS.items():
        soundfile.write(FOLDER / f"{name}.flac", make(), RATE, subtype="PCM_16")
