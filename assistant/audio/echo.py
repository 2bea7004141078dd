"""Echo cancellation: takes our own voice out of what the microphone hears.

The linear filter comes first, because it leaves the user's words alone. Where it cannot follow the echo (two devices
whose clocks run apart, a delay longer than it knows, a loudspeaker that distorts), WebRTC's AEC3 takes over, which
tolerates all that and damages words spoken at the same time. Where even that leaves the echo in, the microphone is
deaf while our voice plays (half duplex). Which one works is measured, on this machine and now.

Noise suppression and gain control stay off: they raise false triggers, and the recogniser prefers the plain signal.
"""

import logging
from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import numpy as np

from assistant.audio.echo_filter import EchoFilter
from assistant.audio.echo_path import EchoPath
from assistant.audio.pcm import FRAME, FRAME_S, SAMPLE_RATE, Pcm, dbfs, power_to_db, to_float, to_int16

log = logging.getLogger(__name__)

POOR_DB = 6.0
"""A canceller that never removes more than this has failed."""
GOOD_DB = 9.0
"""One that removes this much is taken (back)."""
JUDGED_S = 6
"""Seconds of audible echo on which a canceller is judged."""


class Method(StrEnum):
    """How our voice is kept from being taken for the user's."""

    LINEAR = "linear filter"
    SUPPRESSOR = "WebRTC AEC3"
    HALF_DUPLEX = "half duplex"
    NONE = "none"


class Canceller(Protocol):
    """Removes our voice from the microphone's signal, 10 ms at a time."""

    @property
    def method(self) -> Method:
        """What is used now."""
        ...

    @property
    def echo_due(self) -> bool:
        """Echo of our voice may be in the latest frame."""
        ...

    @property
    def lost(self) -> bool:
        """The echo is not where it was: it is in the latest frame, uncancelled."""
        ...

    def process(self, microphone: Pcm, reference: Pcm) -> Pcm:
        """Clean one frame; both int16, shape (FRAME,), 16 kHz; the reference is what was really played at that time."""
        ...

    def disturbed(self) -> None:
        """The time line of microphone or reference jumped: what was learned may be wrong."""
        ...


@dataclass
class _Removal:
    """How much echo (dB, ERLE) a canceller removes in each of the last seconds that had audible echo."""

    seconds: deque[float] = field(default_factory=lambda: deque(maxlen=JUDGED_S))
    heard: float = 0.0
    left: float = 0.0
    frames: int = 0

    @property
    def best_db(self) -> float | None:
        """In the best of these seconds (the user may have talked in the others); None before there are enough."""
        return max(self.seconds) if len(self.seconds) == JUDGED_S else None

    def add(self, microphone: Pcm, clean: Pcm) -> None:
        heard, left = to_float(microphone), to_float(clean)
        self.heard += float(np.dot(heard, heard))
        self.left += float(np.dot(left, left))
        self.frames += 1
        if self.frames * FRAME_S >= 1.0:
            self.seconds.append(power_to_db(self.heard / FRAME) - power_to_db(self.left / FRAME))
            self.heard = self.left = 0.0
            self.frames = 0


class EchoCanceller:
    """The best canceller for the echo there is. Live for the whole session. Not thread-safe."""

    def __init__(self) -> None:
        self.method = Method.LINEAR
        self._filter = EchoFilter()
        self._path = EchoPath()
        self._linear = _Removal()
        self._suppressor: _WebRtc | None = None
        self._suppressor_tried = False
        self._suppressed = _Removal()

    @property
    def echo_due(self) -> bool:
        """Echo of our voice may be in the latest frame; never so where it was found that none comes back."""
        return self._path.echo_due and self._path.present

    @property
    def lost(self) -> bool:
        """The linear filter's prediction fits no longer, or not yet: the echo is in the latest frame, uncancelled."""
        return self.method is Method.LINEAR and self._path.audible and not self._filter.helps

    @property
    def erle_db(self) -> float | None:
        """Echo return loss enhancement of what is used, dB; None before enough echo was heard."""
        return (self._linear if self.method is Method.LINEAR else self._suppressed).best_db

    def process(self, microphone: Pcm, reference: Pcm) -> Pcm:
        """Clean one frame; both int16, shape (FRAME,), 16 kHz."""
        if microphone.shape != (FRAME,) or reference.shape != (FRAME,):
            raise ValueError(f"frames of {FRAME} samples wanted, got {microphone.shape} and {reference.shape}")
        samples = to_float(microphone)
        clean = to_int16(samples - self._filter.process(samples, to_float(reference)))
        if not self._path.update(microphone, reference, dbfs(microphone), dbfs(reference)):
            clean = microphone
        judged = self.echo_due and self._path.audible
        if judged:
            self._linear.add(microphone, clean)
        if self._suppressor is not None:
            suppressed = self._suppressor.process(microphone, reference)
            if judged:
                self._suppressed.add(microphone, suppressed)
            if self.method is Method.SUPPRESSOR:
                clean = suppressed
        self._choose()
        if self.method is Method.HALF_DUPLEX and self.echo_due:
            return np.zeros_like(microphone)
        return clean

    def disturbed(self) -> None:
        """The time line jumped: learn quickly again."""
        self._filter.doubt()

    def _choose(self) -> None:
        """Use the first method that is known to work, the linear filter until it is known to have failed."""
        linear, suppressed = self._linear.best_db, self._suppressed.best_db
        if linear is None:
            return
        if linear >= GOOD_DB:
            self._suppressor, self._suppressor_tried, self._suppressed = None, False, _Removal()
            self._use(Method.LINEAR)
        elif linear < POOR_DB and not self._suppressor_tried:
            self._suppressor, self._suppressor_tried = _open_suppressor(), True
            if self._suppressor is None:
                self._use(Method.HALF_DUPLEX)
        elif suppressed is not None:
            self._use(Method.SUPPRESSOR if suppressed >= POOR_DB else Method.HALF_DUPLEX)

    def _use(self, method: Method) -> None:
        if method is not self.method:
            log.info("echo cancellation: %s instead of %s", method, self.method)
            self.method = method


class _WebRtc:
    """WebRTC's AEC3, through livekit; raises ImportError, OSError or RuntimeError where that does not work."""

    def __init__(self) -> None:
        # Importing livekit takes 0.3 s; most sessions do without it.
        from livekit.rtc import AudioFrame, AudioProcessingModule

        self._frame = AudioFrame
        self._module = AudioProcessingModule(echo_cancellation=True)

    def process(self, microphone: Pcm, reference: Pcm) -> Pcm:
        """Clean one frame."""
        far = self._frame(bytearray(reference.tobytes()), SAMPLE_RATE, 1, FRAME)
        near = self._frame(bytearray(microphone.tobytes()), SAMPLE_RATE, 1, FRAME)
        self._module.process_reverse_stream(far)
        self._module.process_stream(near)
        return np.frombuffer(near.data, dtype=np.int16)


def _open_suppressor() -> _WebRtc | None:
    try:
        return _WebRtc()
    except (ImportError, OSError, RuntimeError) as error:
        log.warning("no WebRTC echo cancellation: %s", error)
        return None


class Headset:
    """No cancellation because none is wanted: our voice is never in the microphone, the user says."""

    method = Method.NONE
    echo_due = False
    lost = False

    def process(self, microphone: Pcm, reference: Pcm) -> Pcm:
        """The microphone's frame as it is."""
        return microphone

    def disturbed(self) -> None:
        """Nothing to do: nothing was learned."""
