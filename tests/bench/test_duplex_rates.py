"""Figures of a run: confidence intervals, targets, and what is counted where."""

from dataclasses import replace

import pytest

from assistant.bench.duplex.cases import Want
from assistant.bench.duplex.rates import Row, rows, wilson
from assistant.bench.duplex.score import Judged, Verdict
from assistant.core.interruptions import Kind

STOP = Verdict(
    case="stop-word-01",
    group="stop-word",
    room="headset",
    voice="one",
    level_dbfs=-20.0,
    text="stop",
    want=Want.YIELD,
    kind=Kind.CANCELLATION,
    transcript="stop",
    right=True,
    audible=True,
    decision="cut",
    found="cancellation",
    yielded=True,
    ducked_after_s=0.06,
    silent_after_s=0.3,
    words_off=1,
)
YEAH = replace(
    STOP,
    case="backchannel-01",
    group="backchannel",
    text="yeah",
    transcript="yeah",
    want=Want.GO_ON,
    kind=Kind.BACKCHANNEL,
    decision="restore",
    found="backchannel",
    yielded=False,
    silent_after_s=None,
    restored_after_s=0.2,
    words_off=None,
)


def figures(*verdicts: Verdict, broken: int = 0) -> dict[str, Row]:
    return {row.name: row for row in rows([Judged([verdict], ["x"] * broken) for verdict in verdicts])}


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (99, 100, 0.9455, 0.9982)],
)
def test_wilsons_interval(hits: int, n: int, low: float, high: float) -> None:
    assert wilson(hits, n) == pytest.approx((low, high), abs=1e-4)


@pytest.mark.parametrize(
    ("value", "target", "met"),
    [(0.4, "<= 0.4", True), (0.41, "<= 0.4", False), (1.0, ">= 1", True), (0.0, "= 0", True), (1.0, "= 0", False)],
)
def test_targets(value: float, target: str, met: bool) -> None:
    assert Row("", "", 1, value, "", target=target).met is met


def test_without_a_value_or_a_target_nothing_is_met() -> None:
    assert Row("", "", 0, None, "", target=">= 1").met is None
    assert Row("", "", 1, 0.5, "").met is None


def test_yields_count_what_should_stop_it() -> None:
    found = figures(STOP, replace(STOP, yielded=False, decision="ignore", silent_after_s=None), YEAH)
    assert (found["stop words: yields"].value, found["stop words: yields"].n) == (0.5, 2)
    assert found["all: yields"].n == 2
    assert found["all: first sound to silence, median"].value == 0.3
    assert found["headset: first sound to silence, median"].n == 1
    assert found["speaker: first sound to silence, median"].n == 0


def test_what_came_when_there_was_nothing_to_hear_has_no_latency() -> None:
    assert figures(replace(STOP, audible=False))["all: first sound to silence, median"].n == 0


def test_void_ones_do_not_count() -> None:
    assert figures(replace(STOP, void=True))["all: yields"].n == 0


def test_selectivity_counts_what_should_not_stop_it() -> None:
    found = figures(YEAH, replace(YEAH, yielded=True, decision="cut"), STOP)
    assert (found["backchannels"].value, found["backchannels"].n) == (0.5, 2)
    assert found["end of the sound to full voice, p95"].value == pytest.approx(0.2)


def test_kinds_count_where_the_words_were_right() -> None:
    wrong, misheard = replace(STOP, found="redirect"), replace(STOP, found="redirect", right=False)
    found = figures(STOP, wrong, misheard)
    assert found["words recognised rightly"].value == pytest.approx(2 / 3)
    assert (found["kind right, of those"].value, found["kind right, of those"].n) == (0.5, 2)


def test_go_on_over_our_voice_means_what_uh_huh_means() -> None:
    assert replace(YEAH, text="go on", found="resume").kind_right
    assert not replace(YEAH, text="go on", found="resume", decision="cut").kind_right


def test_words_off_and_promises() -> None:
    found = figures(STOP, replace(STOP, words_off=-2), broken=1)
    assert found["text taken as heard: at most one word off"].value == 0.5
    assert found["the same: words off on average"].value == 1.5
    assert (found["broken, of all scenarios"].value, found["broken, of all scenarios"].met) == (2, False)


@pytest.mark.parametrize(
    ("verdict", "missed"),
    [
        (STOP, False),
        (replace(STOP, yielded=False), True),
        (replace(STOP, answered_unasked=True), True),
        (replace(STOP, found="redirect"), True),
        (replace(STOP, found="redirect", right=False), False),
        (replace(STOP, wants_answer=True), True),
        (replace(STOP, wants_answer=True, answered_after_s=0.8), False),
        (replace(STOP, yielded=False, void=True), False),
        (YEAH, False),
        (replace(YEAH, yielded=True), True),
    ],
)
def test_what_is_a_miss(verdict: Verdict, missed: bool) -> None:
    assert verdict.missed is missed
