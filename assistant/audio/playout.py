"""Playout: our voice, sentence by sentence, with an exact position, and changes of loudness and cuts without a click.

`Playout` has no clock and no device. One thread renders (the loudspeaker's callback, or the simulator), others control.
"""

import threading
from collections import deque
from dataclasses import dataclass, replace

import numpy as np

from assistant.audio.dips import find_dips
from assistant.audio.gain import FULL, Gain
from assistant.audio.pcm import Pcm, db_to_gain, resample
from assistant.core.events import Event, PlayoutFinished, PlayoutStarted, PlayoutStopped

AUDIBLE_BELOW_PEAK_DB = 40.0
"""Samples further than this below a sentence's peak, at its beginning and its end, are not speech."""
FINISH_WORD_S = 0.4
"""The longest that a cut may wait for the end of the word."""
CLAUSE_SNAP_S = 0.25
"""A clause is taken to begin at the dip of energy that is this close to where it is estimated to begin."""
REWIND_SHARE = 0.5
"""Speech is gone back to if more than this share of a sentence was played ducked."""


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
    """One sentence ready to be played: int16 mono at `rate` Hz; its speech is `pcm[voiced_start:voiced_end]`.

    `clauses` are the shares (0..1) of the speech at which clauses begin after the first one, `dips` the samples at
    which its energy dips, both in rising order.
    """

    epoch: int
    sentence: int
    pcm: Pcm
    rate: int
    voiced_start: int
    voiced_end: int
    clauses: tuple[float, ...] = ()
    dips: tuple[int, ...] = ()

    def fraction(self, played: int) -> float:
        """The share (0..1) of the speech that lies in the first `played` samples."""
        voiced = max(1, self.voiced_end - self.voiced_start)
        return min(1.0, max(0.0, (played - self.voiced_start) / voiced))

    def word_end(self, played: int) -> int | None:
        """Where the word ends that follows the first `played` samples; None if that is too far, or not known."""
        limit = played + round(FINISH_WORD_S * self.rate)
        return next((end for end in (*self.dips, self.voiced_end) if played <= end <= limit), None)

    def clause_start(self, played: int) -> int:
        """The sample at which the clause begins that holds sample `played`."""
        voiced = self.voiced_end - self.voiced_start
        starts = [self.voiced_start + round(share * voiced) for share in self.clauses]
        return max((start for start in starts if start <= played), default=self.voiced_start)


def make_segment(
    epoch: int, sentence: int, pcm: Pcm, rate: int, out_rate: int, clauses: tuple[float, ...] = ()
) -> Segment:
    """Prepare synthesised speech (int16 mono at `rate` Hz) for playout at `out_rate` Hz. Not for the render thread.

    `clauses`: estimated shares (0..1) of the speech at which clauses begin; each moves to a dip of energy nearby.
    """
    sound = resample(pcm, rate, out_rate)
    loudness = np.abs(sound.astype(np.int32))
    threshold = loudness.max(initial=0) * db_to_gain(-AUDIBLE_BELOW_PEAK_DB)
    audible = np.flatnonzero(loudness > threshold)
    start, end = (int(audible[0]), int(audible[-1]) + 1) if audible.size else (0, sound.size)
    dips = tuple(start + dip for dip in find_dips(sound[start:end], out_rate))
    exact = Segment(epoch, sentence, sound, out_rate, start, end, (), dips)
    return replace(exact, clauses=tuple(_snapped(exact, share) for share in clauses))


def _snapped(segment: Segment, share: float) -> float:
    wanted = segment.voiced_start + share * (segment.voiced_end - segment.voiced_start)
    nearest = min(segment.dips, key=lambda dip: abs(dip - wanted), default=wanted)
    return segment.fraction(round(nearest)) if abs(nearest - wanted) <= CLAUSE_SNAP_S * segment.rate else share


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
        self._gain = Gain()
        self._word_end: int | None = None
        """Where the segment that was cut ends its last word; the fade begins there."""
        self._rewind_to: int | None = None
        """Where the segment goes on after the present fade; None if the fade is a cut."""
        self._ducked_from: int | None = None
        """Where in the segment our voice was lowered; None if it is not."""
        self._rewound: Segment | None = None

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
            s = segment
            segment = make_segment(s.epoch, s.sentence, s.pcm, s.rate, self._rate, s.clauses)
        with self._lock:
            if segment.epoch not in self._cut and segment.pcm.size:
                self._waiting.append(segment)

    def duck(self) -> None:
        """Lower our voice, quickly and without a click."""
        with self._lock:
            self._gain.target = self._ducked_gain
            if self._playing is not None and self._ducked_from is None:
                self._ducked_from = self._played

    def restore(self, rewind: bool = False) -> None:
        """Bring our voice back.

        `rewind`: if more than half of the speech of the present sentence was played ducked, go back to the start of
        the clause in which that began, once in a sentence. Positions are those of the sound: then they are smaller.
        """
        with self._lock:
            self._gain.target = FULL
            segment, ducked_from, self._ducked_from = self._playing, self._ducked_from, None
            if not rewind or segment is None or segment is self._rewound or ducked_from is None or self._ending:
                return
            if segment.fraction(self._played) - segment.fraction(ducked_from) > REWIND_SHARE:
                self._rewound, self._rewind_to = segment, segment.clause_start(ducked_from)
                self._begin_fade(segment)

    def cut(self, epoch: int, finish_word: bool = False) -> None:
        """Fade `epoch` out from the very next sample rendered, drop the rest of it, and refuse more of it for ever.

        `finish_word`: fade at the end of the present word instead, if one is near; a plain cut overrides that. If
        anything of it was queued, one PlayoutStopped reports how far its speech had got. Harmless otherwise.
        """
        with self._lock:
            self._cut.add(epoch)
            dropped = [segment for segment in self._waiting if segment.epoch == epoch]
            self._waiting = deque(segment for segment in self._waiting if segment.epoch != epoch)
            segment = self._playing
            if segment is None or segment.epoch != epoch:
                self._unreported += dropped[:1]
                if segment is None:  # it was ducked before it was heard
                    self._gain.target = FULL
                return
            if self._ending and self._rewind_to is None and (finish_word or self._word_end is None):
                return
            self._gain.target = FULL  # the duck was for this epoch; what comes next starts at full voice
            self._ducked_from = None
            if self._rewind_to is not None:  # its fade becomes that of the cut
                self._rewind_to = None
                return
            self._word_end = segment.word_end(self._played) if finish_word else None
            if self._word_end is None:
                self._begin_fade(segment)
            else:
                self._gain.hold()

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
                self._gain.settle()
        return out

    def _render_some(self, out: Pcm, at: float) -> int:
        """Render up to the next change: the end of the segment, of a fade, or of the last word."""
        segment = self._playing
        if segment is None:
            segment = self._playing = self._waiting.popleft()
            self._played = 0
            self._ducked_from = None if self._gain.target == FULL else 0
            self._events.append(PlayoutStarted(at, segment.epoch, segment.sentence))
        fading = self._gain.fading
        end = segment.pcm.size if self._word_end is None else self._word_end
        left = end - self._played if fading is None else fading
        count = min(out.size, left)
        source = segment.pcm[self._played : self._played + count]
        gains = self._gain.next(count, self._ramp_step)
        out[:count] = source if gains is None else np.rint(source * gains)
        self._played += count
        if count == left:
            self._turn(segment, at + count / self._rate)
        return count

    def _turn(self, segment: Segment, at: float) -> None:
        """Something ended at `at` seconds: go on with what follows it."""
        if self._gain.fading is None:
            if self._word_end is not None:
                self._word_end = None
                self._begin_fade(segment)
            else:
                self._events.append(PlayoutFinished(at, segment.epoch, segment.sentence))
                self._playing = None
        elif self._rewind_to is not None:
            self._played, self._rewind_to = self._rewind_to, None
            self._gain.end_fade(0.0)
        else:
            self._stop(segment, self._played, at)

    @property
    def _ending(self) -> bool:
        """The segment fades, or will at the end of the word."""
        return self._gain.fading is not None or self._word_end is not None

    @property
    def _ducked_gain(self) -> float:
        return db_to_gain(-self.options.duck_db)

    @property
    def _ramp_step(self) -> float:
        return (FULL - self._ducked_gain) / max(1, self._samples(self.options.duck_ramp_ms))

    def _begin_fade(self, segment: Segment) -> None:
        length = max(1, self._samples(self.options.cut_fade_ms))
        self._gain.begin_fade(min(length, segment.pcm.size - self._played))

    def _stop(self, segment: Segment, played: int, at: float) -> None:
        self._events.append(PlayoutStopped(at, segment.epoch, segment.sentence, segment.fraction(played)))
        self._playing = self._word_end = self._rewind_to = None
        self._gain.end_fade(FULL)

    def _samples(self, milliseconds: float) -> int:
        return round(milliseconds * self._rate / 1000.0)
