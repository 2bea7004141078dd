"""Sounds that are not speech, made up at random: coughs, breaths, clicks, knocks, music.

All functions return samples at 16 kHz whose peak is 1.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.recipes.recogniser.features import SAMPLE_RATE

Floats = NDArray[np.float64]
Rng = np.random.Generator

SCALE = (0, 2, 4, 5, 7, 9, 11, 12, 14, 16, 19)  # semitones: a major key
RECORDED_SHARE = 0.5  # of the clicks, where recordings of clicks are at hand


def _peak(sound: Floats) -> Floats:
    return np.asarray(sound / (np.abs(sound).max() + 1e-9))


def _seconds(rng: Rng, shortest: float, longest: float) -> Floats:
    return np.arange(int(SAMPLE_RATE * rng.uniform(shortest, longest))) / SAMPLE_RATE


def _hump(t: Floats, middle: float, width: float) -> Floats:
    return np.asarray(np.exp(-(((t - middle) / width) ** 2)))


def _formants(sound: Floats, rng: Rng, bands: Sequence[tuple[float, float]], floor: float) -> Floats:
    """Filter with one resonance in each of the frequency `bands` (Hz)."""
    lines = np.fft.rfft(sound)
    hertz = np.linspace(0, SAMPLE_RATE / 2, len(lines))
    gain = np.full(len(lines), floor)
    for low, high in bands:
        gain += rng.uniform(0.2, 1) / (1 + ((hertz - rng.uniform(low, high)) / rng.uniform(100, 600)) ** 2)
    return np.asarray(np.fft.irfft(lines * gain, len(sound)))


def cough(rng: Rng) -> Floats:
    """An explosive onset, rushing air, and often a voiced end, coloured by a vocal tract."""
    t = _seconds(rng, 0.15, 0.6)
    envelope = np.exp(-t / rng.uniform(0.015, 0.06))
    envelope += rng.uniform(0.1, 0.7) * _hump(t, rng.uniform(0.07, 0.22), rng.uniform(0.04, 0.15))
    source = rng.standard_normal(len(t))
    if rng.random() < 0.6:
        pitch = rng.uniform(110, 480) * (1 + rng.uniform(-0.3, 0.3) * np.exp(-t / 0.1))
        pulses = (np.cumsum(pitch) / SAMPLE_RATE % 1 < 0.12) - 0.12
        source += rng.uniform(0.5, 4) * pulses * _hump(t, rng.uniform(0.1, 0.35), 0.09)
    bands = ((350, 900), (900, 1900), (2200, 3300), (3400, 5500))
    return _peak(_formants(source * envelope, rng, bands, rng.uniform(0.03, 0.2)))


def breath(rng: Rng) -> Floats:
    """Air through mouth or nose, or across a microphone: noise that swells and fades."""
    t = _seconds(rng, 0.2, 1.2)
    source = rng.standard_normal(len(t)) * _hump(t, t[-1] * rng.uniform(0.3, 0.7), t[-1] * rng.uniform(0.15, 0.35))
    if rng.random() < 0.3:  # into the microphone: rumbling
        source = np.cumsum(source - source.mean())
        source -= np.convolve(source, np.ones(801) / 801, "same")
    return _peak(_formants(source, rng, ((200, 1200), (1200, 3000), (3000, 7000)), rng.uniform(0.01, 0.3)))


def click(rng: Rng, recorded: Sequence[Floats] = ()) -> Floats:
    """A key, a mouse, something set down: a short burst, ringing a little; or one of the `recorded` ones."""
    if recorded and rng.random() < RECORDED_SHARE:
        return _peak(recorded[int(rng.integers(len(recorded)))])
    t = _seconds(rng, 0.004, 0.08)
    sound = rng.standard_normal(len(t)) * np.exp(-t / rng.uniform(0.0006, 0.014))
    for _ in range(int(rng.integers(4))):
        ringing = np.sin(2 * np.pi * rng.uniform(150, 6000) * t) * np.exp(-t / rng.uniform(0.001, 0.025))
        sound += rng.uniform(0.2, 1.5) * ringing
    return _peak(sound)


def knock(rng: Rng) -> Floats:
    """A door, a cup, a clap: a longer burst with a few resonances."""
    t = _seconds(rng, 0.08, 0.4)
    sound = rng.standard_normal(len(t)) * np.exp(-t / rng.uniform(0.004, 0.06))
    for _ in range(int(rng.integers(1, 5))):
        ringing = np.sin(2 * np.pi * rng.uniform(60, 2500) * t) * np.exp(-t / rng.uniform(0.01, 0.12))
        sound += rng.uniform(0.2, 2) * ringing
    return _peak(sound)


def music(rng: Rng, length: int) -> Floats:
    """Notes and chords of some instrument at some pace, with drums or without: `length` samples."""
    sound, at = np.zeros(length), 0.0
    step = 60 / rng.uniform(70, 170) / rng.choice([1, 2, 4])
    root, decay, brightness = rng.uniform(80, 330), rng.uniform(0.1, 2), rng.uniform(0.6, 2.2)
    harmonics, vibrato, drums = int(rng.integers(1, 9)), rng.uniform(0, 0.006), rng.random() < 0.4
    while at < length / SAMPLE_RATE:
        start = int(at * SAMPLE_RATE)
        for _ in range(int(rng.integers(1, 4))):
            t = np.arange(min(length - start, int(SAMPLE_RATE * step * rng.uniform(0.6, 4)))) / SAMPLE_RATE
            pitch = root * 2 ** (rng.choice(SCALE) / 12) * (1 + vibrato * np.sin(2 * np.pi * 5.5 * t))
            phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
            note = np.sum([np.sin(n * phase) / n**brightness for n in range(1, harmonics + 1)], axis=0)
            sound[start : start + len(t)] += note * np.minimum(1, t / 0.01) * np.exp(-t / decay)
        if drums:
            mix_in(sound, 2 * knock(rng), start)
        at += step
    return _peak(sound)


def mix_in(sound: Floats, other: Floats, start: int) -> None:
    """Add `other` to `sound` from sample `start` on, as far as there is room."""
    room = max(0, len(sound) - start)
    sound[start : start + len(other)] += other[:room]


def disturbance(rng: Rng, length: int, recorded: Sequence[Floats] = ()) -> Floats:
    """`length` samples of one kind of non-speech: coughs, breaths, typing, knocks, or music."""
    kind = rng.choice(5, p=(0.35, 0.13, 0.2, 0.12, 0.2))
    if kind == 4:
        return music(rng, length)
    makers = (cough, breath, lambda r: click(r, recorded), knock)
    pace = (1.2, 0.8, 7.0, 2.5)[kind]  # at most so many a second
    sound = np.zeros(length)
    for _ in range(max(1, round(length / SAMPLE_RATE * rng.uniform(0.3, 1) * pace))):
        single = makers[kind](rng)
        mix_in(sound, single * rng.uniform(0.3, 1), int(rng.integers(0, max(1, length - len(single)))))
    return _peak(sound)
