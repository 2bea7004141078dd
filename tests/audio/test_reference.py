import numpy as np
import pytest

from assistant.audio.pcm import FRAME, FRAME_S, SAMPLE_RATE, Pcm
from assistant.audio.reference import ReferenceLine, StreamClock
from tests.audio.sounds import silence, white_noise

BLOCK = 320
BLOCK_S = BLOCK / SAMPLE_RATE


def find(needle: Pcm, haystack: Pcm) -> int:
    """Where `needle` best fits in `haystack`, in samples."""
    return int(np.argmax(np.correlate(haystack.astype(float), needle.astype(float), mode="valid")))


def run(
    line: ReferenceLine, sound: Pcm, latency_s: float, jitter_s: float = 0.0, rate: int = SAMPLE_RATE
) -> tuple[Pcm, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Play `sound`, written `latency_s` before it is heard, and take what the microphone needs 20 ms late."""
    random = np.random.default_rng(1)
    block = round(rate * BLOCK_S)
    taken, times = [], []
    began = 100.0
    for n in range(sound.size // block):
        heard_at = began + n * BLOCK_S
        line.wrote(sound[n * block : (n + 1) * block], heard_at + jitter_s * random.uniform(-1.0, 1.0))
        clock = heard_at - latency_s
        for half in (0, 1):
            adc_time = clock - 0.02 + half * FRAME_S
            taken.append(line.take(adc_time, FRAME))
            times.append(adc_time - began)
    return np.concatenate(taken), np.asarray(times)


@pytest.mark.parametrize("jitter_s", [0.0, 0.008])
@pytest.mark.parametrize("rate", [16_000, 48_000])
def test_the_reference_is_ahead_by_the_lead(rate: int, jitter_s: float) -> None:
    sound = white_noise(4.0, -20.0) if rate == 16_000 else np.repeat(white_noise(4.0, -20.0), 3)
    line = ReferenceLine(rate)
    taken, times = run(line, sound, latency_s=0.08, jitter_s=jitter_s, rate=rate)
    assert line.resyncs == 0
    middle = taken.size // 2
    played_at = find(taken[middle : middle + 1600], sound[:: rate // SAMPLE_RATE]) / SAMPLE_RATE
    assert played_at - times[middle // FRAME] == pytest.approx(0.04, abs=0.002 + 2 * jitter_s)


def test_it_is_contiguous() -> None:
    sound = white_noise(4.0, -20.0)
    taken, _ = run(ReferenceLine(SAMPLE_RATE), sound, latency_s=0.08, jitter_s=0.008)
    first = find(taken[8_000:9_600], sound)
    length = taken.size - 8_000
    assert np.array_equal(taken[8_000:], sound[first : first + length])


def test_where_nothing_was_written_ahead_the_lead_shrinks_and_no_hole_comes() -> None:
    sound = white_noise(2.0, -20.0)
    line = ReferenceLine(SAMPLE_RATE)
    taken = []
    for n in range(sound.size // FRAME):
        line.wrote(sound[n * FRAME : (n + 1) * FRAME], n * FRAME_S)
        taken.append(line.take(n * FRAME_S, FRAME))
    assert np.array_equal(np.concatenate(taken), sound)
    assert (line.resyncs, line.shortages) == (0, 0)


def test_a_frame_that_comes_too_early_waits_for_its_sound() -> None:
    line = ReferenceLine(SAMPLE_RATE)
    sound = white_noise(1.0, -20.0)
    line.wrote(sound[: 2 * FRAME], 0.0)
    taken = [line.take(n * FRAME_S, FRAME) for n in range(3)]
    line.wrote(sound[2 * FRAME : 4 * FRAME], 2 * FRAME_S)
    taken.append(line.take(3 * FRAME_S, FRAME))
    assert line.shortages == 2
    assert np.array_equal(taken[-1], sound[2 * FRAME : 3 * FRAME])


def test_a_loudspeaker_that_writes_in_bursts_costs_lead_and_no_jumps() -> None:
    sound = white_noise(6.0, -20.0)
    line = ReferenceLine(SAMPLE_RATE)
    frames = sound.size // FRAME
    for n in range(frames - 8):
        if n % 8 == 0:  # what is heard in the next 80 ms is written at once
            line.wrote(sound[n * FRAME : (n + 8) * FRAME], n * FRAME_S)
        line.take(n * FRAME_S, FRAME)
    assert line.resyncs <= 1
    assert line.shortages < 8


def test_a_jump_of_the_loudspeaker_is_followed_once() -> None:
    line = ReferenceLine(SAMPLE_RATE)
    sound = white_noise(4.0, -20.0)
    taken = []
    for n in range(200):
        late = 0.0 if n < 100 else 0.1
        jumped = line.wrote(sound[n * BLOCK : (n + 1) * BLOCK], n * BLOCK_S + 0.1 + late, xrun=n == 100)
        assert jumped == (n == 100)
        taken += [line.take(n * BLOCK_S + half * FRAME_S, FRAME) for half in (0, 1)]
    assert line.resyncs == 1
    # What is heard at 3.5 s (with the lead) was written 0.2 s earlier in the sound.
    played = find(taken[350], sound) / SAMPLE_RATE
    assert played == pytest.approx(3.5 + 0.04 - 0.2, abs=0.002)


def test_an_overrun_of_the_microphone_realigns() -> None:
    line = ReferenceLine(SAMPLE_RATE)
    line.wrote(white_noise(1.0, -20.0), 0.0)
    line.take(0.1, FRAME)
    line.take(0.5, FRAME, xrun=True)
    assert line.resyncs == 1


def test_a_closed_loudspeaker_is_silence() -> None:
    line = ReferenceLine(SAMPLE_RATE)
    assert np.array_equal(line.take(0.0, FRAME), silence(FRAME_S))
    line.wrote(white_noise(0.1, -20.0), 0.0)
    assert not line.take(5.0, FRAME).any()
    line.wrote(white_noise(0.1, -20.0), 5.0)
    assert line.take(5.0, FRAME).any()
    assert line.resyncs == 0


def test_drift_is_followed_without_a_jump() -> None:
    clock = StreamClock(SAMPLE_RATE)
    drift = 1.0005
    for n in range(30_000):
        assert not clock.count(BLOCK, 10.0 + n * BLOCK_S * drift)
    heard_at = 10.0 + 30_000 * BLOCK_S * drift
    assert clock.seconds(clock.samples, SAMPLE_RATE) == pytest.approx(heard_at, abs=0.001)


def test_a_clock_says_when_it_jumps() -> None:
    clock = StreamClock(SAMPLE_RATE)
    assert not clock.count(BLOCK, 1.0)
    assert not clock.count(BLOCK, 1.025)
    assert clock.count(BLOCK, 2.0)
    assert clock.count(BLOCK, 2.02, xrun=True)
