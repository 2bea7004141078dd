"""Variety: other speeds, rooms, microphones and noises for samples; other vocal tracts and gaps for features."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import soxr
from numpy.typing import NDArray

from models.recipes.recogniser.features import BINS, HIGH_HZ, LOW_HZ, SAMPLE_RATE, cosine_transform, hertz, mel

Floats = NDArray[np.float64]
Rng = np.random.Generator

# Warps of the frequency axis that a vocal tract 18 % longer to 20 % shorter would cause.
VOCAL_TRACTS = np.linspace(0.82, 1.2, 39)


def _power(samples: Floats) -> float:
    return float(np.sqrt(np.mean(samples**2))) + 1e-9


def _spectrum(samples: Floats, room: int = 0) -> tuple[NDArray[np.complex128], int]:
    """Return the spectrum of `samples` with at least `room` zeros behind them, and the size of the transform.

    The size is a multiple of a large power of two: transforms of prime sizes take ten times as long.
    """
    size = -(-(len(samples) + room) // 4096) * 4096
    return np.fft.rfft(samples, size), size


def noise(rng: Rng, length: int) -> Floats:
    """Return `length` samples of noise at unit power: white, falling with frequency, oddly coloured, or a hum."""
    white = rng.standard_normal(length)
    kind = rng.integers(4)
    if kind == 0:
        sound = white
    elif kind == 3:
        seconds, pitch = np.arange(length) / SAMPLE_RATE, rng.uniform(50, 250)
        tones = [np.sin(2 * np.pi * pitch * n * seconds + rng.uniform(0, 6)) / n for n in range(1, 6)]
        sound = np.sum(tones, axis=0) + 0.3 * white
    else:
        lines, size = _spectrum(white)
        if kind == 1:
            colour = (np.arange(len(lines)) + 20 * size / SAMPLE_RATE) ** -rng.uniform(0.3, 1.2)
        else:
            colour = np.exp(_curve(len(lines), rng.normal(0, 1.2, 12)))
        sound = np.fft.irfft(lines * colour, size)[:length]
    swelling = _curve(length, rng.uniform(0.6, 1.4, 6))
    return np.asarray(sound * swelling / _power(sound * swelling))


def _curve(length: int, knots: Floats) -> Floats:
    """Interpolate `knots` to `length` points."""
    return np.interp(np.linspace(0, 1, length), np.linspace(0, 1, len(knots)), knots)


def _room(samples: Floats, rng: Rng) -> Floats:
    """Add the reverberation of a room: noise that decays by 60 dB within 80 to 400 ms."""
    length = int(SAMPLE_RATE * rng.uniform(0.08, 0.4))
    response = rng.standard_normal(length) * np.exp(-6.9 * np.arange(length) / length)
    response *= rng.uniform(0.05, 0.35) / np.sqrt(length / 40)
    response[0] = 1
    lines, size = _spectrum(samples, room=length)
    return np.asarray(np.fft.irfft(lines * np.fft.rfft(response, size), size)[: len(samples)])


def _microphone(samples: Floats, rng: Rng) -> Floats:
    """Colour the sound as some microphone would; one in four passes little above a limit."""
    lines, size = _spectrum(samples)
    response = _curve(len(lines), rng.normal(0, 0.5, 9))
    if rng.random() < 0.25:
        response[np.linspace(0, SAMPLE_RATE / 2, len(lines)) > rng.uniform(3400, 7000)] -= 4
    return np.asarray(np.fft.irfft(lines * np.exp(response), size)[: len(samples)])


def telephone(samples: Floats, rng: Rng) -> Floats:
    """Pass the sound through a telephone: 8 kHz, often a narrow band, often the eight bits of the mu-law (G.711)."""
    sound = soxr.resample(samples, SAMPLE_RATE, SAMPLE_RATE // 2)
    if rng.random() < 0.5:
        lines, size = _spectrum(sound)
        hertz_of_lines = np.linspace(0, SAMPLE_RATE / 4, len(lines))
        outside = (hertz_of_lines < rng.uniform(150, 350)) | (hertz_of_lines > rng.uniform(3200, 3800))
        sound = np.fft.irfft(np.where(outside, 0.02 * lines, lines), size)[: len(sound)]
    if rng.random() < 0.6:
        peak = np.abs(sound).max() + 1e-9
        code = np.round(127 * np.sign(sound) * np.log1p(255 * np.abs(sound) / peak) / np.log(256)) / 127
        sound = peak * np.sign(code) * (256 ** np.abs(code) - 1) / 255
    return np.resize(soxr.resample(sound, SAMPLE_RATE // 2, SAMPLE_RATE), len(samples))


def echo_residue(voice: NDArray[np.int16], length: int, rng: Rng) -> Floats:
    """Return what echo cancellation leaves of another voice: some bands of it, coming and going; unit power."""
    sound = np.resize(voice.astype(np.float64), length)
    lines, size = _spectrum(sound)
    kept = np.exp(_curve(len(lines), rng.normal(0, 1.5, 10)))
    sound = np.fft.irfft(lines * kept, size)[:length]
    sound *= np.maximum(0, _curve(length, rng.normal(0.3, 0.6, max(2, length // 2400))))
    return np.asarray(sound / _power(sound))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What may sound besides the speaker: recordings of other voices, and so many samples of disturbing noise."""

    voice: Callable[[], NDArray[np.int16]]
    disturbance: Callable[[int], Floats]


@dataclass(frozen=True, slots=True)
class Varied:
    """A varied recording on the 16-bit scale, 16 kHz, and whether a disturbance comes before and after the speech."""

    sound: Floats
    before: bool
    after: bool


def vary(samples: NDArray[np.int16], rng: Rng, surroundings: Surroundings) -> Varied:
    """Return the recording as it might arrive from another speaker, room and microphone."""
    sound = samples.astype(np.float64) / 32768
    if rng.random() < 0.85:
        sound = soxr.resample(sound, 100, int(rng.integers(84, 118)))
    if rng.random() < 0.08:  # shouted: the converter overflows
        limit = np.abs(sound).max() * rng.uniform(0.15, 0.6)
        sound = np.clip(sound, -limit, limit)
    power, lead = _power(sound), int(SAMPLE_RATE * rng.uniform(0.05, 0.6))
    sound = np.pad(sound, (lead, int(SAMPLE_RATE * rng.uniform(0.15, 0.7))))
    before, after = (bool(rng.random() < 0.15) for _ in range(2))
    parts = [sound]
    if before:
        parts.insert(0, surroundings.disturbance(int(SAMPLE_RATE * rng.uniform(0.3, 1))) * power * rng.uniform(1.5, 8))
    if after:
        parts.append(surroundings.disturbance(int(SAMPLE_RATE * rng.uniform(0.3, 1))) * power * rng.uniform(1.5, 8))
    sound = np.concatenate(parts)
    if rng.random() < 0.3:
        sound = _room(sound, rng)
    if rng.random() < 0.6:
        sound = _microphone(sound, rng)
    if rng.random() < 0.12:
        sound = telephone(sound, rng)
    sound = _with_background(sound, power, rng, surroundings)
    return Varied(scale(sound, rng.uniform(0, 36)), before, after)


def _with_background(sound: Floats, power: float, rng: Rng, surroundings: Surroundings) -> Floats:
    """Add steady noise, a faint disturbance, a faint second voice, the residue of an echo: each now and then."""
    if rng.random() < 0.75:
        sound = sound + noise(rng, len(sound)) * power * 10 ** (-rng.uniform(3, 38) / 20)
    if rng.random() < 0.15:
        disturbing = surroundings.disturbance(len(sound))
        sound = sound + disturbing / _power(disturbing) * power * 10 ** (-rng.uniform(8, 26) / 20)
    if rng.random() < 0.1:
        behind = np.resize(surroundings.voice().astype(np.float64), len(sound))
        sound = sound + behind * power / _power(behind) * 10 ** (-rng.uniform(12, 30) / 20)
    if rng.random() < 0.2:
        residue = echo_residue(surroundings.voice(), len(sound), rng)
        sound = sound + residue * power * 10 ** (-rng.uniform(8, 28) / 20)
    return sound


def scale(sound: Floats, headroom_db: float) -> Floats:
    """Bring the peak of `sound` to `headroom_db` below full scale, as whole numbers on the 16-bit scale."""
    return np.asarray(np.round(sound / (np.abs(sound).max() + 1e-6) * 10 ** (-headroom_db / 20) * 32767))


@cache
def _warps() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Matrices: cepstra to warped log mel energies (tracts, BINS, BINS), and energies to cepstra (BINS, BINS)."""
    to_cepstra = cosine_transform()
    to_energies = np.linalg.inv(to_cepstra)
    step = (mel(HIGH_HZ) - mel(LOW_HZ)) / (BINS + 1)
    centres = hertz(mel(LOW_HZ) + (np.arange(BINS) + 1) * step)
    matrices = []
    for stretch in VOCAL_TRACTS:
        place = np.clip((mel(np.clip(centres * stretch, 0, SAMPLE_RATE / 2)) - mel(LOW_HZ)) / step - 1, 0, BINS - 1)
        below = np.minimum(place.astype(int), BINS - 2)
        mixing = np.zeros((BINS, BINS))
        mixing[below, np.arange(BINS)] = 1 - (place - below)
        mixing[below + 1, np.arange(BINS)] = place - below
        matrices.append(to_energies @ mixing)
    return np.array(matrices, np.float32), to_cepstra.astype(np.float32)


def vary_features(features: NDArray[np.float32], rng: Rng, tract_spread: float = 9.0) -> NDArray[np.float32]:
    """Return MFCC (frames, BINS) of another vocal tract, microphone and level, with bands and moments blotted out.

    `tract_spread` is the standard deviation of the length of the vocal tract in per cent: people vary it themselves.

    The warping is vocal tract length perturbation (Jaitly and Hinton 2013), the blots are SpecAugment (Park et al.
    2019).
    """
    warps, to_cepstra = _warps()
    middle = len(warps) // 2
    energies = features @ warps[int(np.clip(rng.normal(middle, tract_spread), 0, len(warps) - 1))]
    position = np.pi * np.linspace(0, 1, BINS)
    ripples = ((1, 0.5), (2, 0.35), (3, 0.25), (5, 0.15))
    tilt = np.sum([rng.normal(0, size) * np.cos(n * position) for n, size in ripples], axis=0)
    energies = energies + (tilt + rng.uniform(-2, 2)).astype(np.float32)
    if rng.random() < 0.5:
        width = int(rng.integers(1, 8))
        band = int(rng.integers(0, BINS - width))
        energies[:, band : band + width] = energies[:, band : band + width].mean()
    if rng.random() < 0.3:
        width = int(rng.integers(2, 12))
        moment = int(rng.integers(0, max(1, len(energies) - width)))
        energies[moment : moment + width] = energies.mean(axis=0)
    if rng.random() < 0.4:
        energies = np.maximum(energies, energies.max() - rng.uniform(8, 16))  # a noise floor
    return np.asarray((energies @ to_cepstra).astype(np.float32))
