"""The echo canceller's reference: what the loudspeaker really played, laid on the microphone's time line.

Pairing the blocks of two streams in the order in which they come fails on real devices. Both streams carry times, so a
frame of the microphone is paired with what was heard while it was recorded, a little ahead of it, since an echo
canceller copes with a reference that is early and not with one that is late.
"""

from dataclasses import dataclass

import numpy as np

from assistant.audio.pcm import SAMPLE_RATE, Pcm, Resampler


@dataclass(frozen=True, slots=True)
class ReferenceOptions:
    """Alignment of the reference."""

    lead_s: float = 0.04
    """The reference is this much ahead of the microphone, where so much has been written already."""
    early_s: float = 0.06
    """A reference further ahead than the lead and this is corrected by a jump; a canceller follows less by itself."""
    late_s: float = 0.03
    """The same for a reference that has fallen behind: less, as it must not be later than the echo."""
    stale_s: float = 0.3
    """Nothing written for so long: the loudspeaker is closed, and the reference is silence."""


class StreamClock:
    """Says when each sample of a stream was heard: smooths the jitter of its time stamps, follows its drift."""

    FOLLOW = 0.02
    """Weight of a new time stamp, once there have been many."""
    JUMP_S = 0.06
    """An error beyond this is a jump of the stream and not jitter."""

    def __init__(self, rate: int) -> None:
        """`rate`: Hz of the stream."""
        self.samples = 0
        """How many have been counted."""
        self._rate = rate
        self._origin: float | None = None
        self._stamps = 0

    @property
    def started(self) -> bool:
        """A time stamp has been seen."""
        return self._origin is not None

    def count(self, samples: int, at: float, xrun: bool = False) -> bool:
        """Count a block whose first sample is stamped `at`; True if the time line jumped (`xrun`: it did)."""
        origin = at - self.samples / self._rate
        self.samples += samples
        jumped = self._origin is not None and (xrun or abs(origin - self._origin) > self.JUMP_S)
        if self._origin is None or jumped:
            self._origin = origin
            self._stamps = 0
        self._stamps += 1
        self._origin += max(self.FOLLOW, 1.0 / self._stamps) * (origin - self._origin)
        return jumped

    def seconds(self, sample: int, rate: int) -> float:
        """When sample number `sample`, counted at `rate` Hz, was heard."""
        return (self._origin or 0.0) + sample / rate


class ReferenceLine:
    """A line of played sound, written block by block with times, taken frame by frame. Not thread-safe."""

    CAPACITY = 2 * SAMPLE_RATE
    """Samples kept."""

    def __init__(self, rate: int, options: ReferenceOptions | None = None) -> None:
        """`rate`: Hz of the blocks that are written."""
        self.options = options or ReferenceOptions()
        self.resyncs = 0
        """Jumps of the alignment after the first one."""
        self.shortages = 0
        """Frames for which the reference had not been written yet; the lead shrinks instead of leaving a hole."""
        self._clock = StreamClock(rate)
        self._resampler = Resampler(rate, SAMPLE_RATE)
        self._line = np.zeros(self.CAPACITY, dtype=np.int16)
        self._written = 0
        self._position: int | None = None
        self._lead_s = self.options.lead_s

    def wrote(self, block: Pcm, dac_time: float, xrun: bool = False) -> bool:
        """`block` (int16, mono, at `rate`) was output, and its first sample is heard at `dac_time` seconds.

        `xrun`: sound was lost just before it. Returns whether the time line jumped.
        """
        jumped = self._clock.count(block.size, dac_time, xrun)
        fresh = self._resampler.push(block)[-self.CAPACITY :]
        self._line[(self._written + np.arange(fresh.size)) % self.CAPACITY] = fresh
        self._written += fresh.size
        return jumped

    def take(self, adc_time: float, frames: int, xrun: bool = False) -> Pcm:
        """The reference of a microphone frame whose first sample was heard at `adc_time` seconds.

        Consecutive calls return consecutive sound; a jump happens only where alignment was lost. `xrun`: microphone
        sound was lost just before this frame. Returns int16, 16 kHz, shape (frames,).
        """
        nothing = np.zeros(frames, dtype=np.int16)
        if not self._clock.started:
            return nothing
        origin = self._clock.seconds(0, SAMPLE_RATE)
        wanted = round((adc_time + self._lead_s - origin) * SAMPLE_RATE)
        latest = self._written - frames
        if wanted - latest > self.options.stale_s * SAMPLE_RATE:
            self._position = None
            return nothing
        best = min(wanted, latest)
        if self._position is None:
            self._position = best
        elif xrun or not -self.options.early_s <= (best - self._position) / SAMPLE_RATE <= self.options.late_s:
            self.resyncs += 1
            self._position = best
        if self._position > latest:
            # Asking for as much the next time would end in a jump, and every jump costs trust in the canceller.
            self.shortages += 1
            self._lead_s = max(0.0, self._lead_s - frames / SAMPLE_RATE)
            return nothing
        wanted_now = self._position + np.arange(frames)
        self._position += frames
        kept = (wanted_now >= 0) & (wanted_now >= self._written - self.CAPACITY)
        return np.where(kept, self._line[wanted_now % self.CAPACITY], np.int16(0))
