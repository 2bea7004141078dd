"""Playout: our voice, sentence by sentence, with an exact position, a duck, and a cut that does not click.

`Playout` has no clock and no device. One thread renders (the loudspeaker's callback, or the simulator), others control.
"""

import threading
from collections import deque
from dataclasses import dataclass

import numpy as np

from assistant.audio.pcm import Floats, Pcm, db_to_gain, resample
from assistant.core.events import Event, PlayoutFinished, PlayoutStarted, PlayoutStopped

AUDIBLE_BELOW_PEAK_DB = 40.0
"""Samples further than this below a sentence's peak, at its beginning and its end, are not speech."""


@dataclass(frozen=True, slots=True)
class PlayoutOptions:
    """Times and depth of the changes of loudness."""

    duck_db: float = 14.0
    """How much quieter our voice becomes while a decision is due."""
    duck_ramp_ms: float = 20.0
    """Time to get there, and back."""
    cut_fade_ms: float = 8.0
    """Time from full voice to silence in a cut: short, and long enough not to click."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One sentence ready to be played: int16 mono at `rate` Hz; its speech is `pcm[voiced_start:voiced_end]`."""

    epoch: int
    sentence: int
    pcm: Pcm
    rate: int
    voiced_start: int
    voiced_end: int

    def fraction(self, played: int) -> float:
        """The share (0..1) of the speech that lies in the first `played` samples."""
        voiced = max(1, self.voiced_end - self.voiced_start)
        return min(1.0, max(0.0, (played - self.voiced_start) / voiced))


def make_segment(epoch: int, sentence: int, pcm: Pcm, rate: int, out_rate: int) -> Segment:
    """Prepare synthesised speech (int16 mono at `rate` Hz) for playout at `out_rate` Hz. Not for the render thread."""
    sound = resample(pcm, rate, out_rate)
    loudness = np.abs(sound.astype(np.int32))
    threshold = loudness.max(initial=0) * db_to_gain(-AUDIBLE_BELOW_PEAK_DB)
    audible = np.flatnonzero(loudness > threshold)
    start, end = (int(audible[0]), int(audible[-1]) + 1) if audible.size else (0, sound.size)
    return Segment(epoch, sentence, sound, out_rate, start, end)


class Playout:
    """Mixes nothing and plays one segment after the other, gapless, in the order of `queue`.

    All methods may be called from any thread; each holds the one lock for well under a millisecond.
    Event times and `at` are seconds on the time line of whoever renders.
    """

    def __init__(self, rate: int, options: PlayoutOptions | None = None) -> None:
        """`rate`: Hz of what `render` returns."""
        self.options = options or PlayoutOptions()
        self._lock = threading.Lock()
        self._rate = rate
        self._waiting: deque[Segment] = deque()
        self._playing: Segment | None = None
        self._played = 0
        self._cut: set[int] = set()
        self._unreported: list[Segment] = []
        self._events: deque[Event] = deque()
        self._gain = 1.0
        self._target = 1.0
        self._fade: Floats | None = None

    @property
    def rate(self) -> int:
        """Hz of what `render` returns."""
        return self._rate

    @property
    def idle(self) -> bool:
        """Nothing is playing or queued."""
        return self._playing is None and not self._waiting

    def queue(self, segment: Segment) -> None:
        """Play `segment`, resampled if need be, after all that is queued; dropped if its epoch was cut."""
        if segment.rate != self._rate:
            segment = make_segment(segment.epoch, segment.sentence, segment.pcm, segment.rate, self._rate)
        with self._lock:
            if segment.epoch not in self._cut and segment.pcm.size:
                self._waiting.append(segment)

    def duck(self) -> None:
        """Lower our voice, quickly and without a click."""
        with self._lock:
            self._target = db_to_gain(-self.options.duck_db)

    def restore(self) -> None:
        """Bring our voice back."""
        with self._lock:
            self._target = 1.0

    def cut(self, epoch: int) -> None:
        """Fade `epoch` out from the very next sample rendered, drop the rest of it, and refuse more of it for ever.

        If anything of it was queued, one PlayoutStopped reports how far its speech had got. Harmless otherwise.
        """
        with self._lock:
            self._cut.add(epoch)
            dropped = [segment for segment in self._waiting if segment.epoch == epoch]
            self._waiting = deque(segment for segment in self._waiting if segment.epoch != epoch)
            if self._playing is None or self._playing.epoch != epoch:
                self._unreported += dropped[:1]
            elif self._fade is None:
                self._begin_fade(self._playing)

    def pending(self, epoch: int) -> int:
        """How many sentences of `epoch` are queued or playing."""
        with self._lock:
            playing = self._playing is not None and self._playing.epoch == epoch
            return playing + sum(segment.epoch == epoch for segment in self._waiting)

    def position(self) -> tuple[int, int, float] | None:
        """Epoch, sentence and share of its speech rendered so far; None while nothing plays."""
        with self._lock:
            if self._playing is None:
                return None
            return self._playing.epoch, self._playing.sentence, self._playing.fraction(self._played)

    def poll(self, now: float | None = None) -> list[Event]:
        """The events that have happened, oldest first, each once; those after `now` stay for later."""
        with self._lock:
            ready = []
            while self._events and (now is None or self._events[0].at <= now):
                ready.append(self._events.popleft())
            return ready

    def restart(self, rate: int, at: float) -> None:
        """The loudspeaker was lost or changed at `at` seconds: stop everything where it is; render at `rate` Hz."""
        with self._lock:
            if self._playing is not None:
                self._stop(self._playing, self._played, at)
            seen = {event.epoch for event in self._events if isinstance(event, PlayoutStopped)}
            for segment in (*self._unreported, *self._waiting):
                if segment.epoch not in seen:
                    seen.add(segment.epoch)
                    self._stop(segment, 0, at)
            self._unreported.clear()
            self._waiting.clear()
            self._rate = rate

    def render(self, frames: int, at: float) -> Pcm:
        """The next `frames` samples (int16, mono), the first of which is heard at `at` seconds."""
        out = np.zeros(frames, dtype=np.int16)
        with self._lock:
            for segment in self._unreported:
                self._events.append(PlayoutStopped(at, segment.epoch, segment.sentence, 0.0))
            self._unreported.clear()
            done = 0
            while done < frames and (self._playing is not None or self._waiting):
                done += self._render_some(out[done:], at + done / self._rate)
            if self._playing is None:
                # Nobody hears a jump of the gain between two sentences that are not there.
                self._gain = self._target
        return out

    def _render_some(self, out: Pcm, at: float) -> int:
        segment = self._playing
        if segment is None:
            segment = self._playing = self._waiting.popleft()
            self._played = 0
            self._events.append(PlayoutStarted(at, segment.epoch, segment.sentence))
        left = segment.pcm.size - self._played if self._fade is None else self._fade.size
        count = min(out.size, left)
        source = segment.pcm[self._played : self._played + count]
        gains = self._next_gains(count)
        out[:count] = source if gains is None else np.rint(source * gains)
        self._played += count
        if count == left:
            self._end(segment, at + count / self._rate)
        return count

    def _next_gains(self, count: int) -> Floats | float | None:
        """The gain of each of the next `count` samples; None for 1.0."""
        if self._fade is not None:
            fade, self._fade = self._fade[:count], self._fade[count:]
            return fade
        if self._gain == self._target:
            return None if self._gain == 1.0 else self._gain
        depth = 1.0 - db_to_gain(-self.options.duck_db)
        step = depth / max(1, self._samples(self.options.duck_ramp_ms))
        towards = step if self._target > self._gain else -step
        unbounded = self._gain + towards * np.arange(1, count + 1, dtype=np.float32)
        low, high = sorted((self._gain, self._target))
        ramp: Floats = np.clip(unbounded, low, high).astype(np.float32)
        # The last steps of a ramp in float32 may miss the target by a rounding error, for ever.
        self._gain = self._target if abs(float(ramp[-1]) - self._target) < step / 2 else float(ramp[-1])
        return ramp

    def _begin_fade(self, segment: Segment) -> None:
        length = min(max(1, self._samples(self.options.cut_fade_ms)), segment.pcm.size - self._played)
        phase = np.arange(1, length + 1, dtype=np.float32) / length
        self._fade = (self._gain * 0.5 * (1.0 + np.cos(np.pi * phase))).astype(np.float32)
        # The fade carries the duck of this epoch; what comes next starts at full voice.
        self._gain = self._target = 1.0

    def _end(self, segment: Segment, at: float) -> None:
        if self._fade is None:
            self._events.append(PlayoutFinished(at, segment.epoch, segment.sentence))
            self._playing = None
        else:
            self._stop(segment, self._played, at)

    def _stop(self, segment: Segment, played: int, at: float) -> None:
        self._events.append(PlayoutStopped(at, segment.epoch, segment.sentence, segment.fraction(played)))
        self._playing = None
        self._fade = None

    def _samples(self, milliseconds: float) -> int:
        return round(milliseconds * self._rate / 1000.0)
