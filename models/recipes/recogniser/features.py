"""MFCC features exactly as Vosk's Kaldi front end computes them from the `mfcc.conf` that `export` writes.

Davis and Mermelstein, "Comparison of parametric representations for monosyllabic word recognition" (1980); the details
(window shape, filter edges, liftering) follow Kaldi's `feature-mfcc`, so training and decoding see the same numbers.
"""

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
WINDOW = 400  # samples: 25 ms
SHIFT = 160  # samples: 10 ms
FFT = 512
PRE_EMPHASIS = 0.97
BINS = 40  # mel filters, and cepstral coefficients
LOW_HZ, HIGH_HZ = 20.0, 7600.0
LIFTER = 22.0

CONF = f"""--sample-frequency={SAMPLE_RATE}
--use-energy=false
--num-mel-bins={BINS}
--num-ceps={BINS}
--low-freq={LOW_HZ:.0f}
--high-freq={HIGH_HZ:.0f}
--dither=0
--snip-edges=true
"""


def mel(hertz: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Convert Hz to mel."""
    return np.asarray(1127.0 * np.log(1.0 + np.asarray(hertz) / 700.0))


def hertz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Convert mel to Hz."""
    return np.asarray(700.0 * (np.exp(mels / 1127.0) - 1.0))


def mel_filters() -> NDArray[np.float64]:
    """Triangular filters, evenly spaced in mel: (FFT // 2 + 1, BINS)."""
    edges = np.linspace(mel(LOW_HZ), mel(HIGH_HZ), BINS + 2)
    lines = mel(np.arange(FFT // 2 + 1) * SAMPLE_RATE / FFT)[:, None]
    rising = (lines - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - lines) / (edges[2:] - edges[1:-1])
    filters = np.maximum(0.0, np.minimum(rising, falling))
    filters[-1] = 0.0  # Kaldi leaves out the Nyquist line
    return np.asarray(filters)


def cosine_transform() -> NDArray[np.float64]:
    """The liftered orthonormal DCT-II from log mel energies to cepstra: (BINS, BINS), cepstra = energies @ matrix."""
    order, position = np.arange(BINS)[:, None], np.arange(BINS)[None]
    matrix = np.sqrt(2 / BINS) * np.cos(np.pi / BINS * (position + 0.5) * order)
    matrix[0] = np.sqrt(1 / BINS)
    lifter = 1 + 0.5 * LIFTER * np.sin(np.pi * np.arange(BINS) / LIFTER)
    return np.asarray((lifter[:, None] * matrix).T)


_WINDOW = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / (WINDOW - 1))) ** 0.85  # Povey's
_FILTERS = mel_filters()
_CEPSTRA = cosine_transform()


def mfcc(samples: NDArray[np.floating] | NDArray[np.integer]) -> NDArray[np.float32]:
    """Return the features of 16 kHz mono `samples` on the scale of 16-bit integers: (frames, BINS), a frame per 10 ms.

    Only whole windows count ("snip edges"): fewer than WINDOW samples give no frame.
    """
    if len(samples) < WINDOW:
        return np.zeros((0, BINS), np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(samples.astype(np.float64), WINDOW)[::SHIFT]
    windows = windows - windows.mean(axis=1, keepdims=True)
    emphasised = windows.copy()
    emphasised[:, 1:] -= PRE_EMPHASIS * windows[:, :-1]
    emphasised[:, 0] -= PRE_EMPHASIS * windows[:, 0]
    power = np.abs(np.fft.rfft(emphasised * _WINDOW, FFT)) ** 2
    energies = np.log(np.maximum(power @ _FILTERS, np.finfo(np.float32).eps))
    return (energies @ _CEPSTRA).astype(np.float32)
