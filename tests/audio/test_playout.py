import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.audio.pcm import Pcm, db_to_gain, dbfs
from assistant.audio.playout import Playout, PlayoutOptions, Segment, make_segment
from assistant.core.events import PlayoutFinished, PlayoutStarted, PlayoutStopped
from tests.audio.sounds import silence, speech

RATE = 16_000
OPTIONS = PlayoutOptions()
FADE = round(OPTIONS.cut_fade_ms * RATE / 1000)
LEVEL = 10_000


def constant(epoch: int = 1, sentence: int = 0, seconds: float = 1.0, lead: int = 0) -> Segment:
    """A direct current: every change of gain shows as a step."""
    pcm = np.full(round(seconds * RATE), LEVEL, dtype=np.int16)
    return Segment(epoch, sentence, pcm, RATE, lead, pcm.size)


def play(playout: Playout, seconds: float, block: int = 320, at: float = 0.0) -> Pcm:
    count = round(seconds * RATE / block)
    return np.concatenate([playout.render(block, at + n * block / RATE) for n in range(count)])


def steps(pcm: Pcm) -> int:
    return int(np.abs(np.diff(pcm.astype(np.int32))).max(initial=0))


def test_sentences_play_gapless_in_order_and_are_reported_when_heard() -> None:
    playout = Playout(RATE)
    playout.queue(constant(sentence=0, seconds=0.1))
    playout.queue(constant(sentence=1, seconds=0.05))
    assert playout.pending(1) == 2
    heard = play(playout, 0.2, at=5.0)
    assert np.all(heard[: round(0.15 * RATE)] == LEVEL)
    assert not heard[round(0.15 * RATE) :].any()
    assert playout.poll() == [
        PlayoutStarted(5.0, 1, 0),
        PlayoutFinished(5.1, 1, 0),
        PlayoutStarted(5.1, 1, 1),
        PlayoutFinished(5.1 + 800 / RATE, 1, 1),
    ]
    assert playout.idle
    assert playout.pending(1) == 0


def test_events_wait_for_their_time() -> None:
    playout = Playout(RATE)
    playout.queue(constant(seconds=0.1))
    play(playout, 0.2, at=1.0)
    assert playout.poll(0.9) == []
    assert playout.poll(1.05) == [PlayoutStarted(1.0, 1, 0)]
    assert playout.poll(1.1) == [PlayoutFinished(1.1, 1, 0)]
    assert playout.poll(2.0) == []


def test_full_voice_is_played_unchanged() -> None:
    sound = speech(1.0)
    playout = Playout(RATE)
    playout.queue(make_segment(1, 0, sound, RATE, RATE))
    assert np.array_equal(play(playout, 1.0), sound)


def test_a_cut_fades_within_the_fade_and_reports_the_exact_position() -> None:
    playout = Playout(RATE)
    playout.queue(constant(lead=1600))
    playout.queue(constant(sentence=1))
    play(playout, 0.5)
    playout.cut(1)
    after = play(playout, 0.1, at=0.5)
    assert not after[FADE:].any()
    assert after[0] > 0.99 * LEVEL
    assert steps(after) < LEVEL * np.pi / 2 / FADE * 1.05
    fraction = (0.5 * RATE + FADE - 1600) / (RATE - 1600)
    started, stopped = playout.poll()
    assert started == PlayoutStarted(0.0, 1, 0)
    assert stopped == PlayoutStopped(0.5 + FADE / RATE, 1, 0, fraction)


def test_an_epoch_never_comes_back() -> None:
    playout = Playout(RATE)
    playout.cut(1)
    playout.queue(constant(epoch=1))
    assert playout.idle
    playout.queue(constant(epoch=2, seconds=0.1))
    assert play(playout, 0.1).any()
    assert [event.epoch for event in playout.poll() if isinstance(event, PlayoutStarted)] == [2]


def test_a_cut_of_nothing_is_harmless_and_silent() -> None:
    playout = Playout(RATE)
    playout.cut(7)
    playout.queue(constant(epoch=8, seconds=0.1))
    playout.cut(7)
    assert np.all(play(playout, 0.1) == LEVEL)
    assert not any(isinstance(event, PlayoutStopped) for event in playout.poll())


def test_a_cut_before_the_first_sample_says_that_nothing_was_heard() -> None:
    playout = Playout(RATE)
    playout.queue(constant(sentence=3))
    playout.queue(constant(sentence=4))
    playout.cut(1)
    assert not play(playout, 0.1, at=2.0).any()
    assert playout.poll() == [PlayoutStopped(2.0, 1, 3, 0.0)]


def test_the_next_reply_follows_the_fade_at_full_voice() -> None:
    playout = Playout(RATE)
    playout.queue(constant(epoch=1))
    play(playout, 0.1)
    playout.duck()
    play(playout, 0.1)
    playout.cut(1)
    playout.queue(constant(epoch=2))
    after = play(playout, 0.1)
    assert abs(int(after[0]) - LEVEL * db_to_gain(-OPTIONS.duck_db)) < 0.05 * LEVEL
    assert np.all(after[FADE:] == LEVEL)


def test_a_duck_lowers_and_a_restore_brings_back() -> None:
    playout = Playout(RATE)
    playout.queue(constant(seconds=2.0))
    full = play(playout, 0.1)
    playout.duck()
    falling = play(playout, 0.1)
    playout.restore()
    rising = play(playout, 0.1)
    ramp = round(OPTIONS.duck_ramp_ms * RATE / 1000)
    low = round(LEVEL * db_to_gain(-OPTIONS.duck_db))
    assert np.all(falling[ramp:] == low)
    assert np.all(np.diff(falling.astype(int)) <= 0)
    assert np.all(rising[ramp:] == LEVEL)
    assert steps(np.concatenate((full, falling, rising))) <= LEVEL / ramp + 2


def test_the_position_counts_speech_only() -> None:
    padded = np.concatenate((silence(0.2), speech(1.0, -20.0), silence(0.3)))
    segment = make_segment(4, 2, padded, RATE, RATE)
    assert segment.voiced_start == pytest.approx(0.2 * RATE, abs=0.03 * RATE)
    assert segment.voiced_end == pytest.approx(1.2 * RATE, abs=0.05 * RATE)
    playout = Playout(RATE)
    assert playout.position() is None
    playout.queue(segment)
    play(playout, 0.1)
    assert playout.position() == (4, 2, 0.0)
    play(playout, 0.6)
    position = playout.position()
    assert position is not None
    assert position[2] == pytest.approx(0.5, abs=0.05)
    play(playout, 0.6)
    assert playout.position() == (4, 2, 1.0)


def test_speech_of_another_rate_is_resampled() -> None:
    segment = make_segment(1, 0, speech(1.0, rate=22_050), 22_050, 48_000)
    assert segment.pcm.size == pytest.approx(48_000, abs=2)
    playout = Playout(RATE)
    playout.queue(segment)
    heard = play(playout, 1.2)
    assert np.flatnonzero(heard)[-1] < 1.01 * RATE
    assert dbfs(heard[:RATE]) == pytest.approx(dbfs(segment.pcm), abs=0.2)


def test_silent_speech_is_over_at_once_and_without_a_fault() -> None:
    playout = Playout(RATE)
    playout.queue(make_segment(1, 0, silence(0.0), RATE, RATE))
    assert playout.idle
    playout.queue(make_segment(1, 1, silence(0.1), RATE, RATE))
    play(playout, 0.2)
    assert [type(event) for event in playout.poll()] == [PlayoutStarted, PlayoutFinished]


def test_a_lost_loudspeaker_stops_all_that_was_queued() -> None:
    playout = Playout(RATE)
    playout.queue(constant(epoch=1))
    playout.queue(constant(epoch=1, sentence=1))
    playout.queue(constant(epoch=2, sentence=0))
    play(playout, 0.5)
    playout.restart(48_000, 0.6)
    assert playout.idle
    assert playout.rate == 48_000
    assert playout.poll() == [
        PlayoutStarted(0.0, 1, 0),
        PlayoutStopped(0.6, 1, 0, 0.5),
        PlayoutStopped(0.6, 2, 0, 0.0),
    ]


SENTENCE = 2_000
COMMANDS = st.lists(
    st.tuples(st.sampled_from(["queue", "cut", "duck", "restore", "nothing"]), st.integers(1, 4), st.integers(1, 700)),
    max_size=40,
)


@given(COMMANDS)
@settings(max_examples=200, deadline=None)
def test_nothing_of_an_epoch_is_heard_after_its_cut_and_nothing_is_lost(commands: list[tuple[str, int, int]]) -> None:
    playout = Playout(RATE)
    at = 0.0
    cut_at: dict[int, float] = {}
    queued: dict[int, int] = dict.fromkeys(range(1, 5), 0)
    for command, epoch, frames in [*commands, ("nothing", 1, 40 * SENTENCE)]:
        if command == "queue":
            queued[epoch] += epoch not in cut_at
            playout.queue(constant(epoch, seconds=SENTENCE / RATE))
        elif command == "cut":
            cut_at.setdefault(epoch, at)
            playout.cut(epoch)
        elif command == "duck":
            playout.duck()
        elif command == "restore":
            playout.restore()
        playout.render(frames, at)
        at += frames / RATE
    events = playout.poll()
    times = [round(event.at, 9) for event in events]
    assert times == sorted(times)
    for epoch, count in queued.items():
        ends = [event for event in events if isinstance(event, PlayoutFinished) and event.epoch == epoch]
        stops = [event for event in events if isinstance(event, PlayoutStopped) and event.epoch == epoch]
        if epoch not in cut_at:
            assert (len(ends), len(stops)) == (count, 0)
            continue
        assert len(stops) == (len(ends) < count)
        assert all(event.at <= cut_at[epoch] + 1e-9 for event in ends)
        assert all(event.at <= cut_at[epoch] + (FADE + 1) / RATE for event in stops)


@given(COMMANDS)
@settings(max_examples=200, deadline=None)
def test_no_change_of_gain_clicks(commands: list[tuple[str, int, int]]) -> None:
    playout = Playout(RATE)
    # A reply at a time, each long enough for all of the script: only the gain can make a step, apart from its start.
    pieces = []
    at, epoch = 0.0, 1
    playout.queue(constant(epoch, seconds=2.0))
    for command, _, frames in commands:
        if command == "cut":
            playout.cut(epoch)
            pieces.append(playout.render(FADE, at))
            assert not playout.render(1, at).any()
            epoch += 1
            playout.queue(constant(epoch, seconds=2.0))
            assert steps(np.concatenate(pieces)) <= LEVEL * np.pi / 2 / FADE * 1.05
            pieces = []
        elif command == "duck":
            playout.duck()
        elif command == "restore":
            playout.restore()
        pieces.append(playout.render(frames, at))
    if pieces:
        assert steps(np.concatenate(pieces)) <= LEVEL * np.pi / 2 / FADE * 1.05
