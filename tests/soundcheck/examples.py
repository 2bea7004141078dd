"""Findings to begin with."""

from dataclasses import replace
from typing import Any

from assistant.audio.echo import Method
from assistant.soundcheck.findings import Findings

GOOD = Findings(
    microphone="desk microphone",
    loudspeaker="built-in speaker",
    at=1_700_000_000.0,
    floor_dbfs=-60.0,
    noise_dbfs=-62.0,
    echo_dbfs=-30.0,
    echo_gain_db=-10.0,
    echo_delay_ms=48.0,
    erle_db=31.0,
    left_dbfs=-54.0,
    method=Method.LINEAR,
    voice_dbfs=-24.0,
    clipped=0.0,
    output_latency_ms=40.0,
    stop_ms=92.0,
    stop_heard=True,
)
NO_ECHO = {"echo_dbfs": None, "echo_gain_db": None, "echo_delay_ms": None, "erle_db": None, "left_dbfs": -62.0}


def found(**changes: Any) -> Findings:
    """The good findings with some changes."""
    return replace(GOOD, **changes)
