"""The microphone's way to clean speech: mute gate, echo canceller, voice activity; the same live and simulated."""

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from assistant.audio.echo import Canceller, make_canceller
from assistant.audio.echo_level import EchoLevel
from assistant.audio.pcm import FRAME_S, SILENCE_DBFS, Pcm, dbfs
from assistant.audio.vad import RELAXED, EnergyVad, Strictness, VadOptions
from assistant.core.events import Event


@dataclass(frozen=True, slots=True)
class FrontEndOptions:
    """Voice activity, and how much stricter it is while our own voice comes out of a loudspeaker."""

    vad: VadOptions = field(default_factory=VadOptions)
    cold_margin_db: float = 13.0
    """Until the canceller has converged, speech is at most this much below the uncancelled microphone."""
    warm_margin_db: float = 25.0
    """The same afterwards."""
    explained_margin_db: float = 11.0
    """The same while the microphone is no louder than the echo to be expected."""
    cold_start_s: float = 0.1
    """Consecutive voiced sound that starts speech, until the canceller has converged."""
    louder_db: float = 6.0
    """A microphone this much above the loudest echo to be expected hears the user."""
    hold_off_s: float = 0.4
    """No speech starts over our voice for this long after the time line jumped."""


@dataclass(frozen=True, slots=True)
class FrontEndFrame:
    """One processed frame: `clean` is int16, shape (FRAME,); levels are dBFS; `at` is the end of the frame, seconds."""

    clean: Pcm
    at: float
    level_dbfs: float
    """The microphone, after the mute gate and before the canceller."""
    reference_dbfs: float
    """Our own voice."""
    events: tuple[Event, ...]


class FrontEnd:
    """Turns microphone and reference frames into clean frames and voice activity. One thread; lives for a session."""

    PEAK_FRAMES = 10
    """The echo that a frame is compared with is the loudest of so many frames: cancellation lags behind a decay."""

    def __init__(self, options: FrontEndOptions | None = None, canceller: Canceller | None = None) -> None:
        self.options = options or FrontEndOptions()
        self.canceller = canceller or make_canceller()
        self.vad = EnergyVad(self.options.vad)
        self._muted = False
        self._was_muted = False
        self._levels: deque[float] = deque(maxlen=self.PEAK_FRAMES)
        self._hold_off_left_s = 0.0
        self._echo_level = EchoLevel()

    @property
    def muted(self) -> bool:
        """True: nothing of the microphone passes."""
        return self._muted

    def set_gate(self, muted: bool) -> None:
        """Mute or unmute; from the next frame on. Any thread."""
        self._muted = muted

    def disturbed(self) -> None:
        """Sound was lost on the way in or out, or the alignment changed: do not take residual echo for speech."""
        self._hold_off_left_s = self.options.hold_off_s
        self.canceller.disturbed()
        self._echo_level = EchoLevel()

    def process(self, microphone: Pcm, reference: Pcm, at: float) -> FrontEndFrame:
        """Take one frame of the microphone and what the loudspeaker played meanwhile.

        Both int16, shape (FRAME,), 16 kHz; `at`: when the microphone's frame ended, seconds.
        """
        if self._muted:
            return self._muted_frame(microphone, reference, at)
        if self._was_muted:
            self._was_muted = False
            self.disturbed()
        clean = self.canceller.process(microphone, reference)
        level, reference_level = dbfs(microphone), dbfs(reference)
        self._levels.append(level)
        self._hold_off_left_s = max(0.0, self._hold_off_left_s - FRAME_S)
        excess = self._over_echo(level, reference_level)
        if excess > self.options.louder_db:
            events = self.vad.process(microphone, at, Strictness(keep_floor=True))
        else:
            events = self.vad.process(clean, at, self._strictness(excess))
        return FrontEndFrame(clean, at, level, reference_level, events)

    def _over_echo(self, level_dbfs: float, reference_dbfs: float) -> float:
        """How far the microphone is above the loudest echo to be expected, dB; far below where that is not known.

        The user is heard then, whatever the canceller says: it tends to suppress both voices. The recogniser still gets
        what the canceller leaves; it takes parts of our voice for words otherwise.
        """
        excess = self._echo_level.excess_db(level_dbfs, reference_dbfs)
        canceller = self.canceller
        known = canceller.available and canceller.echo_due and not canceller.bypassed and self._hold_off_left_s == 0.0
        return excess if known and excess is not None else SILENCE_DBFS

    def _muted_frame(self, microphone: Pcm, reference: Pcm, at: float) -> FrontEndFrame:
        # The canceller stands still: from silence it would learn that there is no echo.
        self._was_muted = True
        nothing = np.zeros_like(microphone)
        return FrontEndFrame(nothing, at, SILENCE_DBFS, dbfs(reference), self.vad.silence(at))

    def _strictness(self, excess_db: float) -> Strictness:
        canceller = self.canceller
        if not canceller.echo_due or canceller.bypassed:
            return RELAXED
        if self._hold_off_left_s > 0.0:
            return Strictness(least_dbfs=0.0, keep_floor=True)
        margin = self.options.warm_margin_db if canceller.converged else self.options.cold_margin_db
        if SILENCE_DBFS < excess_db <= 0.0:
            margin = self.options.explained_margin_db
        start_s = 0.0 if canceller.converged else self.options.cold_start_s
        return Strictness(least_dbfs=max(self._levels) - margin, start_s=start_s, keep_floor=True)
