"""Sounds that are no words, computed: coughs, throats, slams, clicks, claps, and a fan for the background."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from assistant.audio.pcm import SAMPLE_RATE, Pcm, to_int16

Sound = NDArray[np.float64]
Random = np.random.Generator

PEAK = 0.5
_PITCH_HZ = (110.0, 260.0)
"""Of the voiced part of a cough."""
_BURSTS = (0.5, 0.35, 0.15)
"""How often a cough has one, two, three bursts."""


def noise(random: Random, seconds: float, low_hz: float, high_hz: float) -> Sound:
    """Gaussian noise between two frequencies, shape (seconds * SAMPLE_RATE,), peak 1.0."""
    samples = round(seconds * SAMPLE_RATE)
    spectrum = np.fft.rfft(random.standard_normal(samples))
    frequency = np.fft.rfftfreq(samples, 1 / SAMPLE_RATE)
    spectrum[(frequency < low_hz) | (frequency > high_hz)] = 0
    sound: Sound = np.fft.irfft(spectrum, samples)
    sound /= np.abs(sound).max()
    return sound


def cough(random: Random) -> Sound:
    """One to three bursts, each with the three phases of a cough: explosion, turbulent flow, and mostly a voiced end.

    After the description in J. Korpas et al., "Analysis of the cough sound: an overview", 1996.
    """
    bursts = [_burst(random) for _ in range(random.choice((1, 2, 3), p=_BURSTS))]
    gaps = [np.zeros(round(random.uniform(0.05, 0.15) * SAMPLE_RATE)) for _ in bursts]
    return np.concatenate([piece for pair in zip(bursts, gaps, strict=True) for piece in pair][:-1])


def _burst(random: Random) -> Sound:
    explosion = noise(random, 0.04, 200, 7000) * _decay(0.04, 0.02)
    flow = 0.4 * noise(random, random.uniform(0.08, 0.2), 400, 5000)
    if random.random() < 0.3:
        return np.concatenate((explosion, flow * np.linspace(1, 0, flow.size)))
    seconds = random.uniform(0.06, 0.15)
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    pitch = random.uniform(*_PITCH_HZ) * (1 - 0.3 * time / seconds)
    voiced = np.sign(np.sin(2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE)) * 0.3 * np.linspace(1, 0, time.size)
    return np.concatenate((explosion, flow, voiced + 0.1 * noise(random, seconds, 300, 4000)[: time.size]))


def throat(random: Random) -> Sound:
    """Clearing one's throat: a rough, low sound."""
    seconds = random.uniform(0.25, 0.5)
    flutter = 1 + 0.8 * np.sin(
        2 * np.pi * random.uniform(25, 45) * np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    )
    return noise(random, seconds, 120, 1800) * flutter * np.hanning(flutter.size)


def slam(random: Random) -> Sound:
    """A door: a low thump with a rattle."""
    thump = noise(random, 0.4, 40, 400) * _decay(0.4, 0.06)
    return thump + 0.2 * noise(random, 0.4, 800, 5000) * _decay(0.4, 0.03)


def clicks(random: Random) -> Sound:
    """Some keys of a keyboard."""
    sound = np.zeros(SAMPLE_RATE)
    for at in np.sort(random.uniform(0, 0.95, random.integers(4, 9))):
        begin = round(at * SAMPLE_RATE)
        click = noise(random, 0.03, 1500, 7500) * _decay(0.03, 0.004)
        sound[begin : begin + click.size] += click[: sound.size - begin]
    return sound


def clap(random: Random) -> Sound:
    """A clap of the hands."""
    return noise(random, 0.15, 500, 6000) * _decay(0.15, 0.02)


def fan(random: Random) -> Sound:
    """Two seconds of low noise that can be looped."""
    return noise(random, 2.0, 60, 900)


DISTURBANCES: dict[str, Callable[[Random], Sound]] = {
    "cough": cough,
    "throat": throat,
    "slam": slam,
    "clicks": clicks,
    "clap": clap,
}


def pcm(sound: Sound) -> Pcm:
    """`sound` as int16 at 16 kHz."""
    return to_int16((sound * (PEAK / np.abs(sound).max())).astype(np.float32))


def _decay(seconds: float, constant: float) -> Sound:
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return np.minimum(1, time / 0.003) * np.exp(-time / constant)
