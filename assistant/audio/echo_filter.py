"""The linear echo canceller: learns the way from loudspeaker to microphone, and predicts the echo of our voice.

A partitioned-block frequency-domain Kalman filter: G. Enzner, P. Vary, "Frequency-domain adaptive Kalman filter for
acoustic echo control in hands-free telephones", 2006; with partitions after F. Kuech, E. Mabande, G. Enzner,
"State-space architecture of the partitioned-block-based acoustic echo controller", 2014. The filter's own uncertainty
sets its step size, so it stands still while the user speaks and needs no detector of double talk. Being linear, it
takes nothing away from the user's voice, which a suppressor does: words spoken over our voice stay words.
"""

import numpy as np
from numpy.typing import NDArray

from assistant.audio.pcm import FRAME, Floats

PARTITIONS = 40
"""Length of the modelled echo path in frames: 0.4 s of delay and reverberation, Bluetooth's delay included."""
FORGETTING = 0.999
"""How much of what was learned is still believed a frame later: the room, or the clock of a device, may change."""
UNCERTAINTY = 0.01
"""Expected power gain of the first partition of an unknown echo path (the squared size of a coefficient)."""
UNCERTAINTY_FALL = 0.95
"""And how it falls from partition to partition: rooms ring out."""
SMOOTHING = 0.9
"""Of the power spectrum of what is not echo, from frame to frame."""
OVERLAP = 0.5
"""Share of a transformed block that is new."""
CONSTRAINED_EVERY = 4
"""Each partition is brought back to its length (0 in the second half, in time) every so many frames; saves a third."""
DIVERGED_FRAMES = 10
"""So many frames more that were louder than the input than not show that the echo path has changed."""
LOUDER = 2.0
"""A single frame whose power grows by more than this shows at once that the prediction is wrong."""
JUDGED = 0.2
"""Weight of a frame in the levels by which the prediction is judged: about 50 ms count."""
LEAST_POWER = 1e-9
LEAST_HEARD = 1e-7
"""Mean square of a microphone frame that is worth a judgement (-70 dBFS)."""

Spectra = NDArray[np.complex64]
Powers = NDArray[np.float32]


class EchoFilter:
    """Predicts the echo in each frame of the microphone. Not thread-safe; about 0.1 ms a frame."""

    def __init__(self) -> None:
        bins = FRAME + 1
        falling = UNCERTAINTY * UNCERTAINTY_FALL ** np.arange(PARTITIONS)
        self._unknown: Powers = np.repeat(falling[:, None], bins, axis=1).astype(np.float32)
        self._uncertainty = self._unknown.copy()
        self._path: Spectra = np.zeros((PARTITIONS, bins), dtype=np.complex64)
        self._played: Spectra = np.zeros((PARTITIONS, bins), dtype=np.complex64)
        self._played_power: Powers = np.zeros((PARTITIONS, bins), dtype=np.float32)
        self._other_power: Powers = np.full(bins, LEAST_HEARD * FRAME, dtype=np.float32)
        self._block: Floats = np.zeros(2 * FRAME, dtype=np.float32)
        self._frames = 0
        self._silent = PARTITIONS + 1
        self._diverged = 0
        self._heard = self._left = 0.0
        self.helps = True
        """The latest prediction made the microphone quieter; one that does not is kept back."""

    def process(self, microphone: Floats, reference: Floats) -> Floats:
        """The echo to be expected in this frame of the microphone, given what was played until its end.

        All are float32, shape (FRAME,), 16 kHz, full scale 1.0.
        """
        self._silent = 0 if reference.any() else self._silent + 1
        if self._silent > PARTITIONS + 1:  # nothing that was played can still be heard, or learned from
            self.helps = True
            return np.zeros_like(microphone)
        self._push(reference)
        echo: Floats = np.fft.irfft(np.einsum("pf,pf->f", self._played, self._path))[FRAME:].astype(np.float32)
        self._learn(microphone - echo)
        self.helps = self._judge(microphone, microphone - echo)
        return echo if self.helps else np.zeros_like(echo)

    def doubt(self) -> None:
        """The echo path may have changed: learn quickly again."""
        np.maximum(self._uncertainty, self._unknown, out=self._uncertainty)

    def _push(self, reference: Floats) -> None:
        self._block[:FRAME] = self._block[FRAME:]
        self._block[FRAME:] = reference
        self._played[1:] = self._played[:-1]
        self._played[0] = np.fft.rfft(self._block)
        self._played_power[1:] = self._played_power[:-1]
        self._played_power[0] = _power(self._played[0])

    def _learn(self, rest: Floats) -> None:
        padded = np.zeros(2 * FRAME, dtype=np.float32)
        padded[FRAME:] = rest
        error: Spectra = np.fft.rfft(padded).astype(np.complex64, copy=False)
        self._other_power += np.float32(1.0 - SMOOTHING) * (_power(error) - self._other_power)
        unexplained = OVERLAP * np.einsum("pf,pf->f", self._played_power, self._uncertainty)
        step = self._uncertainty / (unexplained + self._other_power + LEAST_POWER).astype(np.float32)
        self._path += np.conj(self._played) * (step * error)
        self._constrain()
        forgetting = np.float32(FORGETTING)
        self._path *= forgetting
        self._uncertainty *= forgetting**2 * (1 - np.float32(OVERLAP) * step * self._played_power)
        self._uncertainty += (1 - forgetting**2) * _power(self._path)

    def _constrain(self) -> None:
        """A partition is FRAME samples long in time: what circular convolution put behind that is taken out."""
        self._frames += 1
        due = slice(self._frames % CONSTRAINED_EVERY, None, CONSTRAINED_EVERY)
        response = np.fft.irfft(self._path[due], axis=1)
        response[:, FRAME:] = 0.0
        self._path[due] = np.fft.rfft(response, axis=1)

    def _judge(self, microphone: Floats, rest: Floats) -> bool:
        """A prediction that makes things louder is none; and if that goes on, the echo path is another one."""
        heard = float(np.dot(microphone, microphone))
        self._heard += JUDGED * (heard - self._heard)
        left = float(np.dot(rest, rest))
        self._left += JUDGED * (left - self._left)
        helps = self._left <= self._heard and left <= LOUDER * heard
        louder = not helps and heard > LEAST_HEARD * FRAME
        self._diverged = self._diverged + 1 if louder else max(0, self._diverged - 1)
        if self._diverged > DIVERGED_FRAMES:
            self._diverged = 0
            self.doubt()
        return helps


def _power(spectrum: Spectra) -> Powers:
    power: Powers = np.square(spectrum.real) + np.square(spectrum.imag)
    return power
