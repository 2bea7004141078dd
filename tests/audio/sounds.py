"""Synthetic sounds: speech-like, steady, and silence."""

import numpy as np

from assistant.audio.pcm import FRAME, FRAME_S, SAMPLE_RATE, Floats, Pcm, to_int16
from assistant.audio.room import scale_to_dbfs


def silence(seconds: float) -> Pcm:
    return np.zeros(round(seconds * SAMPLE_RATE), dtype=np.int16)


def white_noise(seconds: float, level_dbfs: float, seed: int = 1) -> Pcm:
    gain = 10.0 ** (level_dbfs / 20.0)
    samples = np.random.default_rng(seed).standard_normal(round(seconds * SAMPLE_RATE)) * gain
    return to_int16(samples.astype(np.float32))


def speech(seconds: float, level_dbfs: float = -26.0, seed: int = 1, rate: int = SAMPLE_RATE) -> Pcm:
    """Syllables of a buzzing voice with a wandering pitch: four a second, each rising fast, with a gap after it."""
    random = np.random.default_rng(seed)
    time = np.arange(round(seconds * rate)) / rate
    pitch = 110.0 + 40.0 * random.random() + 25.0 * np.sin(2.0 * np.pi * (0.7 + 0.3 * random.random()) * time)
    phase = 2.0 * np.pi * np.cumsum(pitch) / rate
    voice = np.zeros_like(time)
    for harmonic in range(1, 25):
        voice += np.cos(harmonic * phase + 6.28 * random.random()) / harmonic**0.7
    voice += 0.3 * random.standard_normal(time.size)
    syllable = (time * 4.0) % 1.0
    loudness = np.minimum(1.0, syllable / 0.08) * np.clip((0.85 - syllable) / 0.15, 0.02, 1.0)
    accent = 0.5 + 0.5 * random.random(int(seconds * 4.0) + 1)[(time * 4.0).astype(int)]
    samples = voice * loudness * accent
    return to_int16(scale_to_dbfs(to_int16((samples / np.abs(samples).max()).astype(np.float32)), level_dbfs))


def at_time(sound: Pcm, start: float, total: float) -> Pcm:
    """`sound` beginning at `start` seconds in `total` seconds of silence."""
    track = silence(total)
    first = round(start * SAMPLE_RATE)
    track[first : first + sound.size] = sound[: track.size - first]
    return track


def frames(pcm: Pcm) -> list[tuple[Pcm, float]]:
    """Whole frames with the time of their end."""
    count = pcm.size // FRAME
    return [(pcm[n * FRAME : (n + 1) * FRAME], (n + 1) * FRAME_S) for n in range(count)]


def office_response(seed: int = 5) -> Floats:
    """The impulse response of a furnished room: a direct path and 0.3 s of reverberation, 6 dB below it in all."""
    taps = np.arange(4800)
    tail = np.random.default_rng(seed).standard_normal(taps.size) * np.exp(-6.9 * taps / 4800)
    tail[:32] = 0.0
    tail *= 0.5 / np.sqrt(np.sum(np.square(tail)))
    tail[0] = 1.0
    return tail.astype(np.float32)
