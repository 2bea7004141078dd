"""A chirp that tells what becomes of our sound on its way from the loudspeaker to the microphone.

An exponential sine sweep, and the filter that turns it back into a click: A. Farina, "Simultaneous measurement of
impulse response and distortion with a swept-sine technique", 2000. What the microphone hears of the sweep, sent through
that filter, is the impulse response of the way, well above noise that would drown a click.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.audio.pcm import SAMPLE_RATE, Floats, Pcm, to_float, to_int16

FROM_HZ, TO_HZ = 100.0, 7000.0
LENGTH_S = 1.0
PEAK = 0.25
"""Of full scale: about as loud as our voice."""
FADE_S = 0.01
LONGEST_S = 0.5
"""The latest echo that is looked for."""
LEAD_S = 0.1
"""And the earliest: what a loudspeaker and a microphone say about their times may be wrong by as much."""
NOISE_S = 0.2
"""So much of the response behind that shows how much of it is noise."""
AFTER_S = LONGEST_S + NOISE_S
"""Sound needed after the end of the chirp."""
PEAK_TO_NOISE = 8.0
"""An echo stands out of the noise by this factor; noise alone reaches five at most."""
DIRECT = 0.5
"""The direct sound is the first that reaches this share of the strongest."""


@dataclass(frozen=True, slots=True)
class EchoPathFound:
    """The way from loudspeaker to microphone."""

    gain_db: float
    """The echo's level at the microphone relative to what was played, dB; all of it, reverberation included."""
    delay_s: float
    """From when a sound is heard from the loudspeaker, to when the microphone hears it, both by their own account."""


def chirp() -> Pcm:
    """The chirp: int16, 16 kHz, `LENGTH_S` long."""
    return to_int16(_sweep())


def find_echo(heard: Pcm) -> EchoPathFound | None:
    """The echo path, from what the microphone heard (int16, 16 kHz) from `LEAD_S` before the chirp was played.

    At least `LEAD_S + LENGTH_S + AFTER_S` of it are needed. None: no echo stands out of the noise.
    """
    needed = _samples(LEAD_S + LENGTH_S + AFTER_S)
    if heard.size < needed:
        raise ValueError(f"{needed} samples wanted, got {heard.size}")
    sweep = _sweep()
    response = _response(to_float(heard[:needed]), sweep)
    longest = _samples(LEAD_S + LONGEST_S)
    early, noise = response[:longest], response[longest : longest + _samples(NOISE_S)]
    peak, noise_power = float(np.abs(early).max()), float(np.mean(np.square(noise)))
    if peak <= PEAK_TO_NOISE * np.sqrt(noise_power) or peak == 0.0:
        return None
    perfect = _response(np.pad(sweep, (_samples(LEAD_S), needed - sweep.size - _samples(LEAD_S))), sweep)[:longest]
    energy = float(np.sum(np.square(early))) - early.size * noise_power
    direct = int(np.flatnonzero(np.abs(early) >= DIRECT * peak)[0])
    gain_db = 10.0 * float(np.log10(max(energy, 1e-12) / float(np.sum(np.square(perfect)))))
    return EchoPathFound(gain_db, direct / SAMPLE_RATE - LEAD_S)


def _samples(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE)


def _sweep() -> Floats:
    time = np.arange(round(LENGTH_S * SAMPLE_RATE)) / SAMPLE_RATE
    octaves = np.log(TO_HZ / FROM_HZ)
    phase = 2.0 * np.pi * FROM_HZ * LENGTH_S / octaves * (np.exp(time / LENGTH_S * octaves) - 1.0)
    fade = np.clip(np.minimum(time, LENGTH_S - time) / FADE_S, 0.0, 1.0)
    return np.asarray(PEAK * np.sin(phase) * fade, dtype=np.float32)


def _response(heard: Floats, sweep: Floats) -> NDArray[np.float64]:
    """What comes out of the inverse filter, from time zero on; float64."""
    fall = np.exp(-np.arange(sweep.size) / sweep.size * np.log(TO_HZ / FROM_HZ))
    inverse = sweep[::-1] * fall
    size = heard.size + sweep.size
    spectrum = np.fft.rfft(heard, size) * np.fft.rfft(inverse, size)
    return np.asarray(np.fft.irfft(spectrum, size)[sweep.size - 1 :], dtype=np.float64)
