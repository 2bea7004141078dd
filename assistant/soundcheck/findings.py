"""What a sound check found, and the thresholds that follow from it."""

import math
from dataclasses import dataclass

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass as checked_dataclass

from assistant.audio.echo import Method
from assistant.audio.frontend import FrontEndOptions
from assistant.audio.vad import VadOptions

ROUND_DBFS = 5.0
"""Thresholds in dBFS are multiples of this."""
LEAST_DBFS, MOST_DBFS = -60.0, -35.0
"""And stay within these, whatever was measured."""
ABOVE_NOISE_DB = 6.0
"""Speech is this much louder than the loudest that was heard in the quiet room."""
BELOW_VOICE_DB = 20.0
"""A voice's quiet parts lie so far below its usual level ..."""
NEVER_NEARER_DB = 10.0
"""... and no threshold is nearer to it than this."""
GOOD_ERLE_DB, FAIR_ERLE_DB = 20.0, 10.0
OVER_ECHO_DB = (FrontEndOptions().over_echo_db, 6.0, 9.0)
"""With good, fair and poor echo cancellation."""


@checked_dataclass(frozen=True, slots=True, config=ConfigDict(allow_inf_nan=False))
class Findings:
    """Levels are dBFS (RMS) at the microphone; None: there was nothing to be measured."""

    microphone: str
    loudspeaker: str
    at: float
    """Seconds since the epoch."""
    floor_dbfs: float
    """The quiet room."""
    noise_dbfs: float
    """The loudest that it was nearly always (95 %), within the band of a voice."""
    echo_dbfs: float | None
    """Our voice at the microphone."""
    echo_gain_db: float | None
    """The same relative to what was played, as the chirp shows."""
    echo_delay_ms: float | None
    erle_db: float | None
    """So much of our voice the canceller takes out (echo return loss enhancement)."""
    left_dbfs: float
    """The microphone after cancellation while we speak, nearly always below this (95 %), within a voice's band."""
    method: Method
    voice_dbfs: float | None
    """The user's voice."""
    clipped: float
    """The share (0..1) of the samples of the loudest part that are as loud as can be."""
    output_latency_ms: float
    stop_ms: float
    """From the decision to fall silent to the last sound."""
    stop_heard: bool
    """That was heard by the microphone; otherwise it is what the loudspeaker says."""

    @property
    def echo_in_noise(self) -> bool:
        """What the canceller leaves of our voice is hardly above the room: it could not be seen to do more."""
        return self.left_dbfs < self.noise_dbfs + ABOVE_NOISE_DB


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a sound check sets; the settings of the same names say what they mean."""

    vad_min_dbfs: float
    over_echo_db: float


def thresholds(findings: Findings) -> Thresholds:
    """Few, round and bounded: the defaults, unless what was found speaks against them."""
    least = VadOptions().min_dbfs
    voice = findings.voice_dbfs
    if voice is not None:
        least = min(least, _down(voice - BELOW_VOICE_DB))
    least = max(least, _up(findings.noise_dbfs + ABOVE_NOISE_DB))
    if voice is not None:
        least = min(least, _down(voice - NEVER_NEARER_DB))
    erle = findings.erle_db
    good, fair, poor = OVER_ECHO_DB
    well = erle is None or erle >= GOOD_ERLE_DB or findings.echo_in_noise
    over_echo = good if well else fair if erle is not None and erle >= FAIR_ERLE_DB else poor
    return Thresholds(min(max(least, LEAST_DBFS), MOST_DBFS), over_echo)


def _up(level: float) -> float:
    return math.ceil(level / ROUND_DBFS) * ROUND_DBFS


def _down(level: float) -> float:
    return math.floor(level / ROUND_DBFS) * ROUND_DBFS
