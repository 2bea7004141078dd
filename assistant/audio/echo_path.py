"""The echo path: does our own voice come back into the microphone at all.

With a headset it does not, and then an echo canceller does harm: without an echo path it takes the user's first words
for echo. So the path is measured. It is assumed to exist until our voice has played for a while and the microphone
stayed quiet; from then on it is looked for by the generalised cross-correlation of both signals (C. Knapp, G. Carter,
"The generalized correlation method for estimation of time delay", 1976), whose peak stays where it is for an echo and
wanders for anything else.
"""

import numpy as np

from assistant.audio.pcm import FRAME, FRAME_S, Pcm
from assistant.audio.vad import NoiseFloor

ACTIVE_DBFS = -45.0
"""Our voice is loud enough to be expected back."""
ECHO_TAIL_S = 0.3
"""How long after our voice its echo may still be heard (delay and reverberation)."""
AUDIBLE_DB = 6.0
"""The microphone hears something if it is this much above its noise floor."""
ABSENT_AFTER_S = 0.5
"""Our voice without anything audible for this long: there is no echo path."""
AUDIBLE_WEIGHT = 3.0
"""One audible frame outweighs this many quiet ones."""

DECIMATION = 4
WINDOW = 2048
"""Samples correlated at once, at SAMPLE_RATE / DECIMATION (0.5 s)."""
HOP_FRAMES = 25
LAGS = 1200
"""Longest echo delay looked for, 0.3 s."""
WHITENING = 0.7
DECAY = 0.8
PEAK_TO_RMS = 8.0
"""An echo path shows as a correlation peak this high (measured: at most 7.7 without a path, 20 to 30 in a dry room)."""


class EchoPath:
    """Watches microphone and reference, frame by frame. Not thread-safe."""

    def __init__(self) -> None:
        self.present = True
        """An echo path exists or has not been ruled out yet."""
        self.echo_due = False
        """Our voice is playing or was until just now, so that its echo may be in the microphone."""
        self.audible = False
        """The latest microphone frame is above the noise."""
        self._floor = NoiseFloor()
        self._since_voice_s = ECHO_TAIL_S
        self._quiet_s = 0.0
        self._search = _CorrelationSearch()

    def update(self, microphone: Pcm, reference: Pcm, microphone_dbfs: float, reference_dbfs: float) -> bool:
        """Take one frame of each (int16, shape (FRAME,)) with its level; return `present`."""
        playing = reference_dbfs > ACTIVE_DBFS
        self._since_voice_s = 0.0 if playing else self._since_voice_s + FRAME_S
        self.echo_due = self._since_voice_s < ECHO_TAIL_S
        if not self.echo_due:
            # Our voice without a pause would pass for noise.
            self._floor.update(microphone_dbfs)
        self.audible = microphone_dbfs > self._floor.dbfs + AUDIBLE_DB
        if self.present:
            self._rule_out(playing)
        elif self._search.push(microphone, reference, playing and self.audible):
            self.present = True
            self._quiet_s = 0.0
        return self.present

    def _rule_out(self, playing: bool) -> None:
        if self.echo_due and self.audible:
            self._quiet_s = max(0.0, self._quiet_s - AUDIBLE_WEIGHT * FRAME_S)
        elif playing:
            self._quiet_s += FRAME_S
        if self._quiet_s >= ABSENT_AFTER_S:
            self.present = False
            self._search = _CorrelationSearch()


class _CorrelationSearch:
    """Looks for the reference inside the microphone's signal, over windows in which both are active."""

    def __init__(self) -> None:
        self._microphone = np.zeros(WINDOW, dtype=np.float32)
        self._reference = np.zeros(WINDOW, dtype=np.float32)
        self._correlation = np.zeros(LAGS)
        self._frames = 0
        self._active = 0

    def push(self, microphone: Pcm, reference: Pcm, active: bool) -> bool:
        """Take one frame of each; True when an echo path shows."""
        for line, frame in ((self._microphone, microphone), (self._reference, reference)):
            step = FRAME // DECIMATION
            line[:-step] = line[step:]
            line[-step:] = frame.reshape(-1, DECIMATION).mean(axis=1)
        self._frames += 1
        self._active += active
        if self._frames < HOP_FRAMES:
            return False
        worth_it = self._active * 3 > self._frames
        self._frames = self._active = 0
        return worth_it and self._correlate()

    def _correlate(self) -> bool:
        near = np.fft.rfft(self._microphone, 2 * WINDOW)
        far = np.fft.rfft(self._reference, 2 * WINDOW)
        cross = near * np.conj(far) / (np.abs(near) * np.abs(far) + 1e-9) ** WHITENING
        correlation = np.fft.irfft(cross)[:LAGS]
        scale = float(np.sqrt(np.mean(np.square(correlation))))
        if scale > 0.0:
            self._correlation = DECAY * self._correlation + correlation / scale
        rms = float(np.sqrt(np.mean(np.square(self._correlation))))
        return rms > 0.0 and float(np.abs(self._correlation).max()) > PEAK_TO_RMS * rms
