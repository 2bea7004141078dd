"""What is learnt from the user's sounds: slowly, within bounds, and not for ever."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.core.habits import LEAST, MOST, Habits
from assistant.core.options import Options

SET = Options(barge_in_speech_s=0.6)


def patience(habits: Habits) -> float:
    return habits.options(SET).barge_in_speech_s


def taught(duration_s: float, times: int) -> Habits:
    habits = Habits()
    for _ in range(times):
        habits.restored(duration_s)
    return habits


def test_nothing_is_adapted_before_anything_was_learnt_or_if_unwished() -> None:
    assert Habits().options(SET) is SET
    wishes = Options(adapt=False)
    assert taught(1.0, 20).options(wishes) is wishes


def test_one_sound_changes_little() -> None:
    assert patience(taught(0.9, 1)) == pytest.approx(0.6, abs=0.06)


def test_long_murmurs_are_waited_for_and_short_ones_make_it_quicker() -> None:
    assert patience(taught(0.7, 30)) == pytest.approx(0.7 * 1.25, abs=0.03)
    assert patience(taught(0.2, 30)) == pytest.approx(0.6 * LEAST, abs=0.02)


def test_interruptions_as_short_as_murmurs_undo_it() -> None:
    habits = taught(0.8, 30)
    learnt = patience(habits)
    for _ in range(40):
        habits.cut(2.0)
    assert patience(habits) == learnt, "long interruptions are as expected"
    for _ in range(40):
        habits.cut(0.5)
    assert patience(habits) == pytest.approx(0.6, abs=0.02)


def test_only_the_patience_without_words_is_adapted() -> None:
    adapted = taught(0.8, 30).options(SET)
    assert Options(barge_in_speech_s=adapted.barge_in_speech_s) == adapted


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 60)), max_size=100), st.floats(0.1, 5))
def test_it_stays_within_bounds(sounds: list[tuple[bool, float]], speech_s: float) -> None:
    habits = Habits()
    for interrupts, duration_s in sounds:
        (habits.cut if interrupts else habits.restored)(duration_s)
    adapted = habits.options(Options(barge_in_speech_s=speech_s)).barge_in_speech_s
    assert LEAST * speech_s - 1e-9 <= adapted <= MOST * speech_s + 1e-9
