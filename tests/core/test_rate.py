"""How often Parley is interrupted, and when that is worth a word."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from assistant.core.rate import ALERT_COUNT, QUIET_S, RECENT_S, WINDOW_S, InterruptionRate
from assistant.phrases import load_phrases

PHRASES = load_phrases()


def counted(*times: float, noise: bool = False) -> InterruptionRate:
    rate = InterruptionRate(PHRASES)
    for at in times:
        rate.add(at, noise=noise)
    return rate


def test_the_rate_counts_the_last_five_minutes() -> None:
    rate = counted(0.0, 10.0, 290.0)
    assert rate.per_minute(295.0) == 3 / 5
    assert rate.per_minute(300.0) == 2 / 5
    assert rate.per_minute(1000.0) == 0.0


def test_a_jump_is_told_once() -> None:
    rate = counted(100.0, 110.0, 120.0)
    assert not rate.alert(120.0)
    rate.add(130.0)
    assert rate.alert(130.0) == PHRASES.alert_words
    assert not rate.alert(131.0)
    for at in range(140, int(130 + QUIET_S), 10):
        rate.add(float(at))
        assert not rate.alert(float(at))


def test_sounds_without_words_have_another_cause() -> None:
    assert counted(1.0, 2.0, 3.0, 4.0, noise=True).alert(5.0) == PHRASES.alert_noise


def test_a_steady_rate_is_no_jump() -> None:
    rate = InterruptionRate(PHRASES)
    for at in range(0, 300, 10):
        rate.add(float(at))
    assert not rate.alert(300.0)


def test_after_a_while_a_new_jump_is_told_again() -> None:
    rate = counted(1.0, 2.0, 3.0, 4.0)
    assert rate.alert(5.0)
    for at in (1001.0, 1002.0, 1003.0, 1004.0):
        rate.add(at)
    assert rate.alert(1005.0)


@given(st.lists(st.floats(0, 2000), max_size=60).map(sorted))
def test_alerts_are_rare_and_have_a_cause(times: list[float]) -> None:
    rate = InterruptionRate(PHRASES)
    told = []
    for count, at in enumerate(times, 1):
        rate.add(at)
        assert rate.per_minute(at) == sum(other > at - WINDOW_S for other in times[:count]) / 5
        if rate.alert(at):
            told.append(at)
            assert sum(at - RECENT_S < other <= at for other in times) >= ALERT_COUNT
    assert all(later - sooner >= QUIET_S for sooner, later in pairwise(told))
