"""The measuring core: a recording in, findings out. No clock, no device."""

import numpy as np
from numpy.typing import NDArray

from assistant.audio.chirp import AFTER_S, LEAD_S, LENGTH_S, EchoPathFound, find_echo
from assistant.audio.pcm import FRAME, SAMPLE_RATE, SILENCE_DBFS, dbfs, power_to_db, to_float
from assistant.audio.room import voiced_dbfs
from assistant.audio.vad import BandLevel
from assistant.soundcheck.findings import Findings
from assistant.soundcheck.take import Span, Take

NEARLY_ALWAYS = 95
"""Percentile."""
AUDIBLE_DB = 6.0
"""A frame holds our echo if it is this much above the quiet room."""
LEAST_AUDIBLE = 20
"""So many such frames (0.2 s) are needed for a statement."""
CLIPPED = 32_700
"""A sample beyond this is as loud as can be."""
ENVELOPE = SAMPLE_RATE // 200
"""Samples of a step (5 ms) when looking for the end of a sound."""
BEFORE_CUT_S = 0.1
"""As loud as our voice was in this time before the cut ..."""
GONE_DB = 25.0
"""... less this is silence, to the ear."""


def measure(take: Take, microphone: str, loudspeaker: str, at: float) -> Findings:
    """What `take` says about the two devices so named; `at`: seconds since the epoch."""
    quiet = take.microphone[take.frames(take.quiet)].reshape(-1)
    floor_dbfs = dbfs(quiet)
    path = find_echo(take.heard_from(take.chirp_at - LEAD_S, LEAD_S + LENGTH_S + AFTER_S))
    echo_dbfs, erle_db = _echo(take, floor_dbfs) if path is not None else (None, None)
    audible = path if echo_dbfs is not None else None
    heard_ms = _stop_heard_ms(take, floor_dbfs, audible)
    stop_ms = 1000.0 * (take.silent_at - take.cut_at) if heard_ms is None else heard_ms
    return Findings(
        microphone=microphone,
        loudspeaker=loudspeaker,
        at=at,
        floor_dbfs=floor_dbfs,
        noise_dbfs=_nearly_always(take.microphone[take.frames(take.quiet)]),
        echo_dbfs=echo_dbfs,
        echo_gain_db=None if audible is None else audible.gain_db,
        echo_delay_ms=None if audible is None else 1000.0 * audible.delay_s,
        erle_db=erle_db,
        left_dbfs=_nearly_always(take.clean[take.frames(_second_half(take.sentence))]),
        method=take.method,
        voice_dbfs=None if take.voice is None else voiced_dbfs(take.microphone[take.frames(take.voice)].reshape(-1)),
        clipped=_clipped(take),
        output_latency_ms=1000.0 * take.output_latency_s,
        stop_ms=stop_ms,
        stop_heard=heard_ms is not None,
    )


def _second_half(span: Span) -> Span:
    """By then a canceller has learned what there is to be learned."""
    return Span((span.begin + span.end) / 2.0, span.end)


def _powers(frames: NDArray[np.int16]) -> NDArray[np.float64]:
    """The mean square of each frame."""
    samples = to_float(frames.reshape(-1)).reshape(-1, FRAME)
    return np.asarray(np.mean(np.square(samples, dtype=np.float64), axis=1))


def _echo(take: Take, floor_dbfs: float) -> tuple[float | None, float | None]:
    """Level of our voice at the microphone, and how much of it is taken out; None where it is not to be heard."""
    floor = 10.0 ** (floor_dbfs / 10.0)
    whole = _powers(take.microphone[take.frames(take.sentence)])
    voiced = whole[whole > floor * 10.0 ** (AUDIBLE_DB / 10.0)]
    if voiced.size < LEAST_AUDIBLE:
        return None, None
    echo_dbfs = power_to_db(float(voiced.mean()) - floor)
    half = take.frames(_second_half(take.sentence))
    heard, left = _powers(take.microphone[half]), _powers(take.clean[half])
    audible = heard > floor * 10.0 ** (AUDIBLE_DB / 10.0)
    if int(audible.sum()) < LEAST_AUDIBLE:
        return echo_dbfs, None
    return echo_dbfs, power_to_db(float(heard[audible].sum())) - power_to_db(float(left[audible].sum()))


def _nearly_always(frames: NDArray[np.int16]) -> float:
    """The level, within the band of a voice, below which these frames nearly always are."""
    if frames.shape[0] == 0:
        return SILENCE_DBFS
    band = BandLevel()
    levels = [band.update(to_float(frame)) for frame in frames]
    return float(np.percentile(levels, NEARLY_ALWAYS))


def _clipped(take: Take) -> float:
    """Of the loudest part: our voice, or the user's."""
    parts = [take.sentence] if take.voice is None else [take.sentence, take.voice]
    pieces = [take.microphone[take.frames(part)] for part in parts]
    return max((float(np.mean(np.abs(piece.astype(np.int32)) >= CLIPPED)) for piece in pieces if piece.size), default=0)


def _stop_heard_ms(take: Take, floor_dbfs: float, path: EchoPathFound | None) -> float | None:
    """From the decision to the last sound of ours at the microphone; None where there is no echo to tell by."""
    if path is None:
        return None
    heard = take.heard_from(take.cut_at - BEFORE_CUT_S, take.cut_over - take.cut_at + BEFORE_CUT_S)
    steps = to_float(heard[: heard.size // ENVELOPE * ENVELOPE]).reshape(-1, ENVELOPE)
    levels = np.array([dbfs(step) for step in steps])
    before = int(BEFORE_CUT_S * SAMPLE_RATE) // ENVELOPE
    silence = max(float(levels[:before].max()) - GONE_DB, floor_dbfs + AUDIBLE_DB)
    audible = np.flatnonzero(levels > silence)
    if audible.size == 0 or audible[-1] < before:
        return None
    return 1000.0 * ((int(audible[-1]) + 1) * ENVELOPE / SAMPLE_RATE - BEFORE_CUT_S)
