"""Thresholds for the devices that are open."""

from pathlib import Path

import pytest

from assistant.audio.frontend import FrontEnd
from assistant.settings import Settings
from assistant.soundcheck.apply import Tuning
from assistant.soundcheck.shelf import Shelf
from tests.soundcheck.examples import found

NOISY = found(microphone="mic", loudspeaker="speaker", noise_dbfs=-50.0, erle_db=15.0, left_dbfs=-40.0)
PLAIN = (-50.0, 4.5)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf(tmp_path / "soundcheck.json")
    shelf.keep(NOISY)
    return shelf


def in_use(front_end: FrontEnd) -> tuple[float, float]:
    """The thresholds that the front end works with."""
    assert front_end.options.vad == front_end.vad.options
    return front_end.vad.options.min_dbfs, front_end.options.over_echo_db


def test_the_pair_that_was_checked_has_its_thresholds_and_others_have_the_usual_ones(shelf: Shelf) -> None:
    front_end, tuning = FrontEnd(), Tuning(Settings(), shelf)
    tuning.use(front_end, "mic", "speaker")
    assert in_use(front_end) == (-40.0, 6.0)
    tuning.use(front_end, "mic", "headphones")
    assert in_use(front_end) == PLAIN


def test_what_the_user_has_set_is_left_alone(shelf: Shelf) -> None:
    front_end = FrontEnd()
    Tuning(Settings(vad_min_dbfs=-50.0), shelf).use(front_end, "mic", "speaker")
    assert in_use(front_end) == (-50.0, 6.0)


def test_it_can_be_switched_off(shelf: Shelf) -> None:
    front_end = FrontEnd()
    Tuning(Settings(), shelf, wanted=False).use(front_end, "mic", "speaker")
    assert in_use(front_end) == PLAIN


def test_a_check_that_is_forgotten_has_no_effect_any_more(shelf: Shelf) -> None:
    front_end, tuning = FrontEnd(), Tuning(Settings(), shelf)
    shelf.forget("mic", "speaker")
    tuning.use(front_end, "mic", "speaker")
    assert in_use(front_end) == PLAIN
