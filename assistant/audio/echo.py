"""Echo cancellation: takes our own voice out of what the microphone hears (WebRTC AEC3, through livekit).

Only echo cancellation is switched on: noise suppression and gain control in front of the detector of voice activity
raise false triggers, and the recogniser prefers the plain signal.
"""

import logging
import math
from typing import Protocol

import numpy as np

from assistant.audio.echo_path import ACTIVE_DBFS, ECHO_TAIL_S, EchoPath
from assistant.audio.pcm import FRAME, FRAME_S, SAMPLE_RATE, Pcm, dbfs

log = logging.getLogger(__name__)

CONVERGED_AFTER_S = 2.5
"""Echo heard by the canceller before it is trusted (residual echo of a cold one lasts up to 2.7 s)."""
CONVERGED_ERLE_DB = 12.0
ERLE_SMOOTHING_S = 0.5


class Canceller(Protocol):
    """Removes our voice from the microphone's signal, 10 ms at a time."""

    available: bool
    """False: there is no cancellation; the microphone is deaf while our voice plays (half duplex)."""

    @property
    def echo_due(self) -> bool:
        """Echo of our voice may be in the latest frame."""
        ...

    @property
    def bypassed(self) -> bool:
        """The microphone's own signal is passed on, as there is no echo path."""
        ...

    @property
    def converged(self) -> bool:
        """Residual echo is no longer expected to sound like speech."""
        ...

    @property
    def erle_db(self) -> float:
        """Echo return loss enhancement: how much quieter the echo became, dB; 0 before any echo."""
        ...

    def process(self, microphone: Pcm, reference: Pcm) -> Pcm:
        """Clean one frame; both int16, shape (FRAME,), 16 kHz; the reference is what was really played at that time."""
        ...

    def disturbed(self) -> None:
        """The time line of microphone or reference jumped: trust has to be earned again."""
        ...


class EchoCanceller:
    """WebRTC's AEC3, bypassed while there is no echo path. Live for the whole session: a cold one is slow.

    Not thread-safe. Raises ImportError or RuntimeError where livekit is missing or does not work.
    """

    available = True

    def __init__(self) -> None:
        # Importing livekit takes 0.3 s, which belongs to the audio thread's start and not to the program's.
        from livekit.rtc import AudioFrame, AudioProcessingModule

        self._frame = AudioFrame
        self._module = AudioProcessingModule(echo_cancellation=True)
        self._path = EchoPath()
        self._heard_s = 0.0
        self._microphone_power = 0.0
        self._clean_power = 0.0

    @property
    def echo_due(self) -> bool:
        """Echo of our voice may be in the latest frame."""
        return self._path.echo_due

    @property
    def bypassed(self) -> bool:
        """The microphone's own signal is passed on, as there is no echo path."""
        return not self._path.present

    @property
    def converged(self) -> bool:
        """The canceller has heard enough echo and removes it well."""
        return self._heard_s >= CONVERGED_AFTER_S and self.erle_db >= CONVERGED_ERLE_DB

    @property
    def erle_db(self) -> float:
        """Mean over about the last half second of echo, dB; 0 before any echo."""
        if self._microphone_power <= 0.0 or self._clean_power <= 0.0:
            return 0.0
        return 10.0 * math.log10(self._microphone_power / self._clean_power)

    def process(self, microphone: Pcm, reference: Pcm) -> Pcm:
        """Clean one frame; both int16, shape (FRAME,), 16 kHz."""
        if microphone.shape != (FRAME,) or reference.shape != (FRAME,):
            # The module would accept another length and cancel nothing.
            raise ValueError(f"frames of {FRAME} samples wanted, got {microphone.shape} and {reference.shape}")
        far = self._frame(bytearray(reference.tobytes()), SAMPLE_RATE, 1, FRAME)
        near = self._frame(bytearray(microphone.tobytes()), SAMPLE_RATE, 1, FRAME)
        self._module.process_reverse_stream(far)
        self._module.process_stream(near)
        clean: Pcm = np.frombuffer(near.data, dtype=np.int16)
        level = dbfs(microphone)
        present = self._path.update(microphone, reference, level, dbfs(reference))
        if present and self._path.echo_due and self._path.audible:
            self._measure(level, dbfs(clean))
        return clean if present else microphone

    def disturbed(self) -> None:
        """The time line jumped: the canceller has to converge again."""
        self._heard_s = 0.0

    def _measure(self, microphone_dbfs: float, clean_dbfs: float) -> None:
        self._heard_s += FRAME_S
        weight = FRAME_S / ERLE_SMOOTHING_S
        self._microphone_power += weight * (10.0 ** (microphone_dbfs / 10.0) - self._microphone_power)
        self._clean_power += weight * (10.0 ** (clean_dbfs / 10.0) - self._clean_power)


class NoCanceller:
    """Half duplex: without a canceller the microphone is deaf while our voice plays, and shortly after."""

    available = False
    bypassed = False
    converged = True
    erle_db = 0.0

    def __init__(self) -> None:
        self._since_voice_s = ECHO_TAIL_S

    @property
    def echo_due(self) -> bool:
        """Echo of our voice may be in the latest frame."""
        return self._since_voice_s < ECHO_TAIL_S

    def process(self, microphone: Pcm, reference: Pcm) -> Pcm:
        """The microphone's frame, or silence while echo is due."""
        self._since_voice_s = 0.0 if dbfs(reference) > ACTIVE_DBFS else self._since_voice_s + FRAME_S
        return np.zeros_like(microphone) if self.echo_due else microphone

    def disturbed(self) -> None:
        """Nothing to do: nothing was trusted."""


class Headset:
    """No cancellation because none is wanted: our voice is never in the microphone, the user says."""

    available = True
    echo_due = False
    bypassed = True
    converged = True
    erle_db = 0.0

    def process(self, microphone: Pcm, reference: Pcm) -> Pcm:
        """The microphone's frame as it is."""
        return microphone

    def disturbed(self) -> None:
        """Nothing to do: nothing was trusted."""


def make_canceller() -> Canceller:
    """The echo canceller, or `NoCanceller` where livekit is missing or does not work on this machine."""
    try:
        return EchoCanceller()
    except (ImportError, OSError, RuntimeError) as error:
        log.warning("no echo cancellation: %s", error)
        return NoCanceller()
