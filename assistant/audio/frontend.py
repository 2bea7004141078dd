"""The microphone's way to clean speech: mute gate, echo canceller, voice activity; the same live and simulated."""

from dataclasses import dataclass, field

import numpy as np

from assistant.audio.echo import Canceller, EchoCanceller, Method
from assistant.audio.pcm import FRAME_S, SILENCE_DBFS, Pcm, dbfs, to_float
from assistant.audio.residual_echo import ResidualEcho
from assistant.audio.vad import RELAXED, BandLevel, EnergyVad, Strictness, VadOptions
from assistant.core.events import Event


@dataclass(frozen=True, slots=True)
class FrontEndOptions:
    """Voice activity, and how much stricter it is while our own voice comes out of a loudspeaker."""

    vad: VadOptions = field(default_factory=VadOptions)
    over_echo_db: float = 4.5
    """Speech is this much above the most that the canceller may leave of our voice."""
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
    method: Method
    """How our own voice is kept out."""


class FrontEnd:
    """Turns microphone and reference frames into clean frames and voice activity. One thread; lives for a session."""

    def __init__(self, options: FrontEndOptions | None = None, canceller: Canceller | None = None) -> None:
        self.options = options or FrontEndOptions()
        self.canceller = canceller or EchoCanceller()
        self.vad = EnergyVad(self.options.vad)
        self._muted = False
        self._was_muted = False
        self._hold_off_left_s = 0.0
        self._echo = BandLevel()
        self._residual = ResidualEcho()
        self._method = self.canceller.method

    @property
    def muted(self) -> bool:
        """True: nothing of the microphone passes."""
        return self._muted

    @property
    def echo_left_db(self) -> float:
        """What the canceller leaves of our voice, nearly always below this relative to the echo; dB."""
        return self._residual.left_db

    def set_gate(self, muted: bool) -> None:
        """Mute or unmute; from the next frame on. Any thread."""
        self._muted = muted

    def disturbed(self) -> None:
        """Sound was lost on the way in or out, or the alignment changed: do not take residual echo for speech."""
        self._hold_off_left_s = self.options.hold_off_s
        self.canceller.disturbed()
        self._residual.doubt()

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
        self._hold_off_left_s = max(0.0, self._hold_off_left_s - FRAME_S)
        level_dbfs, reference_dbfs = dbfs(microphone), dbfs(reference)
        limit_dbfs = self._limit_dbfs(microphone, clean, reference_dbfs)
        echo_due = self.canceller.echo_due
        events = self.vad.process(clean, at, self._strictness(limit_dbfs) if echo_due else RELAXED)
        if echo_due:
            self._residual.learn(self.vad.level_dbfs)
        return FrontEndFrame(clean, at, level_dbfs, reference_dbfs, events, self.canceller.method)

    def _limit_dbfs(self, microphone: Pcm, clean: Pcm, reference_dbfs: float) -> float:
        """The most that is left of our voice in this frame; what a canceller takes out is the echo."""
        if self.canceller.method is not self._method:  # another canceller leaves something else
            self._method = self.canceller.method
            self._residual.doubt()
        taken_dbfs = self._echo.update(to_float(microphone) - to_float(clean))
        return self._residual.limit_dbfs(taken_dbfs, reference_dbfs, lost=self.canceller.lost)

    def _strictness(self, limit_dbfs: float) -> Strictness:
        held_off = self._hold_off_left_s > 0.0
        return Strictness(least_dbfs=0.0 if held_off else limit_dbfs + self.options.over_echo_db, keep_floor=True)

    def _muted_frame(self, microphone: Pcm, reference: Pcm, at: float) -> FrontEndFrame:
        # The canceller stands still: from silence it would learn that there is no echo.
        self._was_muted = True
        nothing = np.zeros_like(microphone)
        return FrontEndFrame(nothing, at, SILENCE_DBFS, dbfs(reference), self.vad.silence(at), self.canceller.method)
