"""Playout and the words in it: stopping at the end of one, and going back to the start of a clause."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.audio.dips import find_dips
from assistant.audio.pcm import Pcm, db_to_gain
from assistant.audio.playout import CLAUSE_SNAP_S, FINISH_WORD_S, Playout, PlayoutOptions, Segment, make_segment
from assistant.core.events import PlayoutFinished, PlayoutStarted, PlayoutStopped

RATE = 16_000
OPTIONS = PlayoutOptions(duck_db=20.0, duck_ramp_ms=20.0, cut_fade_ms=8.0)
FADE = round(OPTIONS.cut_fade_ms * RATE / 1000)
RAMP = round(OPTIONS.duck_ramp_ms * RATE / 1000)
LEVEL = 10_000
STEEPEST = LEVEL * np.pi / 2 / FADE * 1.05


def words(count: int, word_s: float = 0.25, gap_s: float = 0.05, rate: int = RATE) -> Pcm:
    """Tones with quieter gaps between them."""
    level = np.concatenate([np.r_[np.ones(round(word_s * rate)), np.full(round(gap_s * rate), 0.05)]] * count)
    level = level[: -round(gap_s * rate)]
    tone = LEVEL * np.sin(2 * np.pi * 200 * np.arange(level.size) / rate)
    pcm: Pcm = np.rint(level * tone).astype(np.int16)
    return pcm


def constant(
    epoch: int = 1,
    sentence: int = 0,
    seconds: float = 1.0,
    clauses: tuple[float, ...] = (),
    dips: tuple[float, ...] = (),
) -> Segment:
    """A direct current: every change of gain shows as a step. `dips` in seconds."""
    pcm = np.full(round(seconds * RATE), LEVEL, dtype=np.int16)
    return Segment(epoch, sentence, pcm, RATE, 0, pcm.size, clauses, tuple(round(dip * RATE) for dip in dips))


def play(playout: Playout, seconds: float, at: float = 0.0, block: int = 160) -> Pcm:
    return np.concatenate([playout.render(block, at + n * block / RATE) for n in range(round(seconds * RATE / block))])


def started(segment: Segment) -> Playout:
    playout = Playout(RATE, OPTIONS)
    playout.queue(segment)
    return playout


def steps(pcm: Pcm) -> int:
    return int(np.abs(np.diff(pcm.astype(np.int32))).max(initial=0))


def fraction_of(playout: Playout) -> float:
    position = playout.position()
    assert position is not None
    return position[2]


@pytest.mark.parametrize("rate", [16_000, 22_050, 48_000])
def test_dips_lie_between_words(rate: int) -> None:
    dips = find_dips(words(6, rate=rate), rate)
    assert len(dips) == 5
    for number, dip in enumerate(dips, 1):
        assert number * 0.3 - 0.05 <= dip / rate <= number * 0.3


@pytest.mark.parametrize(
    "pcm", [np.zeros(0, np.int16), np.zeros(RATE, np.int16), words(1), np.ones(5, np.int16), np.full(RATE, 9, np.int16)]
)
def test_sound_without_words_has_no_dips(pcm: Pcm) -> None:
    assert find_dips(pcm, RATE) == ()


def test_a_cut_may_finish_the_word() -> None:
    playout = started(make_segment(1, 0, words(6), RATE, RATE))
    play(playout, 0.4)
    playout.cut(1, finish_word=True)
    after = play(playout, 0.5, at=0.4)
    end = np.flatnonzero(after)[-1] / RATE + 0.4
    assert 0.55 <= end <= 0.6 + OPTIONS.cut_fade_ms / 1000, "in the gap after the second word"
    assert np.array_equal(after[: round(0.15 * RATE)], words(6)[round(0.4 * RATE) : round(0.55 * RATE)])
    begun, stopped = playout.poll()
    assert begun == PlayoutStarted(0.0, 1, 0)
    assert isinstance(stopped, PlayoutStopped)
    assert stopped.fraction == pytest.approx(stopped.at / 1.75, abs=0.001)
    assert playout.idle


def test_a_word_whose_end_is_far_or_unknown_is_not_finished() -> None:
    playout = started(constant(dips=(0.9,), seconds=2.0))
    play(playout, 0.9 - FINISH_WORD_S - 0.1)
    playout.cut(1, finish_word=True)
    assert not play(playout, 0.1)[FADE:].any()


def test_the_last_word_is_heard_to_its_end() -> None:
    playout = started(constant(seconds=1.0))
    play(playout, 0.8)
    playout.cut(1, finish_word=True)
    assert play(playout, 0.3)[: round(0.2 * RATE)].all()
    stopped = playout.poll()[-1]
    assert stopped == PlayoutStopped(stopped.at, 1, 0, 1.0)
    assert stopped.at == pytest.approx(0.2)


def test_a_plain_cut_does_not_wait_for_the_word() -> None:
    playout = started(constant(dips=(0.8,)))
    play(playout, 0.5)
    playout.cut(1, finish_word=True)
    assert play(playout, 0.1).all()
    playout.cut(1)
    assert not play(playout, 0.1)[FADE:].any()
    assert [type(event) for event in playout.poll()] == [PlayoutStarted, PlayoutStopped]


def test_a_word_that_is_finished_stays_ducked_and_the_next_reply_is_not() -> None:
    playout = started(constant(dips=(0.8,)))
    play(playout, 0.5)
    playout.duck()
    play(playout, 0.1)
    playout.cut(1, finish_word=True)
    playout.restore()
    playout.queue(constant(2))
    low = round(LEVEL * db_to_gain(-OPTIONS.duck_db))
    assert np.all(play(playout, 0.2) == low)
    assert np.all(play(playout, 0.2)[FADE:] == LEVEL)


def test_what_was_mostly_ducked_is_said_again_from_its_clause_on() -> None:
    playout = started(constant(clauses=(0.2, 0.5, 0.9), seconds=4.0))
    before = play(playout, 1.0)
    playout.duck()
    ducked = play(playout, 2.2, at=1.0)
    assert fraction_of(playout) == pytest.approx(0.8)
    playout.restore(rewind=True)
    after = play(playout, 0.1, at=3.2)
    assert fraction_of(playout) == pytest.approx(0.2 + (0.1 - FADE / RATE) / 4.0)
    assert steps(np.concatenate((before, ducked, after))) <= LEVEL / RAMP + 2
    play(playout, 4.0, at=3.3)
    begun, finished = playout.poll()
    assert begun == PlayoutStarted(0.0, 1, 0)
    assert finished == PlayoutFinished(finished.at, 1, 0)
    assert finished.at == pytest.approx(3.2 + FADE / RATE + 0.8 * 4.0)


def test_a_sentence_goes_back_only_once() -> None:
    """What makes us go back may be our own voice: it would say the sentence for ever."""
    playout = started(constant(seconds=2.0))
    for _ in range(2):
        playout.duck()
        play(playout, 1.5)
        playout.restore(rewind=True)
        play(playout, 0.1)
    play(playout, 1.0)
    assert isinstance(playout.poll()[-1], PlayoutFinished)


def test_without_a_clause_the_sentence_begins_again() -> None:
    playout = started(make_segment(1, 0, np.concatenate((np.zeros(1600, np.int16), words(4))), RATE, RATE))
    play(playout, 0.1)
    playout.duck()
    play(playout, 1.0)
    playout.restore(rewind=True)
    play(playout, 0.01)
    assert fraction_of(playout) == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize(("ducked_s", "rewind"), [(1.9, True), (2.2, False)])
def test_less_than_half_or_unasked_nothing_is_said_twice(ducked_s: float, rewind: bool) -> None:
    playout = started(constant(seconds=4.0))
    play(playout, 1.0)
    playout.duck()
    play(playout, ducked_s)
    playout.restore(rewind)
    play(playout, 0.1)
    assert fraction_of(playout) == pytest.approx((1.1 + ducked_s) / 4.0)


def test_a_sentence_that_began_ducked_begins_again() -> None:
    playout = started(constant(seconds=0.5))
    playout.queue(constant(sentence=1, seconds=2.0))
    play(playout, 0.4)
    playout.duck()
    play(playout, 1.4)
    playout.restore(rewind=True)
    play(playout, 0.02)
    position = playout.position()
    assert position is not None
    assert position[:2] == (1, 1)
    assert position[2] == pytest.approx(0.0, abs=0.01)


def test_a_restore_without_a_duck_changes_nothing() -> None:
    playout = started(constant())
    play(playout, 0.9)
    playout.restore(rewind=True)
    assert np.all(play(playout, 0.1) == LEVEL)


def test_a_reply_that_was_ducked_and_cut_before_it_was_heard_leaves_the_next_one_loud() -> None:
    playout = Playout(RATE, OPTIONS)
    playout.duck()
    playout.cut(1, finish_word=True)
    playout.queue(constant(2))
    assert np.all(play(playout, 0.1) == LEVEL)


def test_a_cut_while_going_back_is_a_cut_where_it_was() -> None:
    playout = started(constant(seconds=2.0))
    playout.duck()
    play(playout, 1.5)
    playout.restore(rewind=True)
    playout.render(FADE // 2, 1.5)
    playout.cut(1)
    assert not play(playout, 0.1, at=1.5 + FADE // 2 / RATE)[FADE:].any()
    stopped = playout.poll()[-1]
    assert stopped == PlayoutStopped(stopped.at, 1, 0, (1.5 * RATE + FADE) / (2 * RATE))
    assert stopped.at == pytest.approx(1.5 + FADE / RATE)


def test_clauses_begin_at_the_dip_nearby_also_at_another_rate() -> None:
    segment = make_segment(1, 0, words(6), RATE, 48_000, (0.3, 0.55))
    starts = [segment.clause_start(round(share * 1.75 * 48_000) + 1) / 48_000 for share in segment.clauses]
    assert starts == [pytest.approx(0.575, abs=0.03), pytest.approx(0.875, abs=0.03)]
    playout = Playout(RATE, OPTIONS)
    playout.queue(segment)
    assert play(playout, 1.0).any()
    far = make_segment(1, 0, words(2, word_s=1.0), RATE, RATE, (0.2,))
    assert abs(0.2 * 2.05 - 1.025) > CLAUSE_SNAP_S
    assert far.clauses == (0.2,)


SECONDS = 0.5
COMMANDS = st.lists(
    st.tuples(
        st.sampled_from(["queue", "cut", "finish word", "duck", "restore", "rewind", "nothing"]),
        st.integers(1, 4),
        st.integers(1, 4000),
    ),
    max_size=30,
)


@given(COMMANDS)
@settings(max_examples=150, deadline=None)
def test_each_sentence_ends_once_and_no_gain_clicks(commands: list[tuple[str, int, int]]) -> None:
    playout = Playout(RATE, OPTIONS)
    at = 0.0
    cut_at: dict[int, float] = {}
    heard: list[Pcm] = []
    queued: list[tuple[int, int]] = []
    for command, epoch, frames in [*commands, *[("restore", 1, RATE)] * (len(commands) + 2)]:
        match command:
            case "queue":
                queued += [(epoch, len(queued))] if epoch not in cut_at else []
                playout.queue(constant(epoch, len(queued) - 1, SECONDS, (0.4,), (0.1, 0.2)))
            case "cut" | "finish word":
                cut_at.setdefault(epoch, at)
                playout.cut(epoch, finish_word=command == "finish word")
            case "duck":
                playout.duck()
            case "restore" | "rewind":
                playout.restore(rewind=command == "rewind")
            case _:
                pass
        heard.append(playout.render(frames, at))
        at += frames / RATE
    events = playout.poll()
    assert playout.idle
    assert [event.at for event in events] == sorted(event.at for event in events)
    ends = [(e.epoch, e.sentence) for e in events if isinstance(e, PlayoutFinished | PlayoutStopped)]
    assert len(ends) == len(set(ends))
    stopped = {e.epoch: e for e in events if isinstance(e, PlayoutStopped)}
    begun = {(e.epoch, e.sentence) for e in events if isinstance(e, PlayoutStarted)}
    assert begun <= set(ends)
    assert all((key in ends) or (key[0] in stopped and key not in begun) for key in queued)
    slack = FINISH_WORD_S + (FADE + 1) / RATE
    assert all(event.at <= cut_at[epoch] + slack and 0 <= event.fraction <= 1 for epoch, event in stopped.items())
    # the sound itself steps where a sentence begins (from silence), and nowhere else
    sound = np.concatenate(heard).astype(np.int32)
    edges = {round(e.at * RATE) for e in events}
    jumps = np.flatnonzero(np.abs(np.diff(sound)) > STEEPEST) + 1
    assert all(any(abs(int(jump) - edge) <= 1 for edge in edges) for jump in jumps)
