"""Thresholds and words that follow from findings."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from assistant.audio.echo import Method
from assistant.audio.frontend import FrontEndOptions
from assistant.soundcheck.findings import LEAST_DBFS, MOST_DBFS, Thresholds, thresholds
from assistant.soundcheck.words import Grade, verdict
from tests.soundcheck.examples import NO_ECHO, found

DEFAULT = FrontEndOptions()


def test_where_all_is_well_the_defaults_stay() -> None:
    assert thresholds(found()) == Thresholds(DEFAULT.vad.min_dbfs, DEFAULT.over_echo_db)
    assert thresholds(found(**NO_ECHO)) == Thresholds(DEFAULT.vad.min_dbfs, DEFAULT.over_echo_db)


@pytest.mark.parametrize(
    ("changes", "least"),
    [
        ({"noise_dbfs": -50.0}, -40.0),
        ({"noise_dbfs": -20.0, "voice_dbfs": -10.0}, MOST_DBFS),
        ({"voice_dbfs": -36.0, "noise_dbfs": -70.0}, -60.0),
        ({"voice_dbfs": -36.0}, -55.0),
        ({"voice_dbfs": -36.0, "noise_dbfs": -57.0}, -50.0),
        ({"voice_dbfs": -45.0, "noise_dbfs": -50.0}, -55.0),
        ({"voice_dbfs": -80.0, "noise_dbfs": -90.0}, LEAST_DBFS),
        ({"voice_dbfs": None}, -50.0),
    ],
)
def test_the_quietest_speech(changes: dict[str, Any], least: float) -> None:
    assert thresholds(found(**changes)).vad_min_dbfs == least


@pytest.mark.parametrize(
    ("changes", "margin"),
    [
        ({"erle_db": 15.0}, 6.0),
        ({"erle_db": 5.0}, 9.0),
        ({"erle_db": 5.0, "left_dbfs": -60.0}, DEFAULT.over_echo_db),
    ],
)
def test_a_poor_canceller_asks_for_a_louder_user(changes: dict[str, Any], margin: float) -> None:
    assert thresholds(found(**changes)).over_echo_db == margin


LEVELS = st.floats(-100.0, 0.0)


@given(LEVELS, st.none() | LEVELS, st.none() | st.floats(-20.0, 60.0), LEVELS)
def test_thresholds_are_round_and_bounded_whatever_was_found(
    noise: float, voice: float | None, erle: float | None, left: float
) -> None:
    found_here = thresholds(found(noise_dbfs=noise, voice_dbfs=voice, erle_db=erle, left_dbfs=left))
    assert LEAST_DBFS <= found_here.vad_min_dbfs <= MOST_DBFS
    assert found_here.vad_min_dbfs % 5.0 == 0.0
    assert found_here.over_echo_db in (4.5, 6.0, 9.0)


def test_findings_are_numbers() -> None:
    with pytest.raises(ValidationError):
        found(floor_dbfs=math.nan)


def test_good_findings_are_said_to_be_good() -> None:
    meaning = verdict(found())
    assert meaning.grade is Grade.GOOD
    assert meaning.headline == "You can talk over Parley"
    assert meaning.sentences == (
        "Your voice is 30 dB above anything else that Parley hears.",
        "Your loudspeaker is loud enough to be heard in the microphone; Parley removes 31 dB of it.",
        "When it is cut off, Parley is silent after 92 ms, by your microphone.",
        "On these devices, sounds below -50 dB will not count as speech.",
    )


@pytest.mark.parametrize(
    ("changes", "grade", "headline"),
    [
        ({"floor_dbfs": -100.0, "voice_dbfs": None, **NO_ECHO}, Grade.POOR, "The microphone is silent"),
        ({"erle_db": 2.0}, Grade.POOR, "Parley hears its own loudspeaker"),
        ({"method": Method.HALF_DUPLEX}, Grade.POOR, "Parley hears its own loudspeaker"),
        ({"clipped": 0.01}, Grade.POOR, "Too loud for the microphone"),
        ({"voice_dbfs": None}, Grade.POOR, "Parley does not hear you"),
        ({"voice_dbfs": -50.0}, Grade.POOR, "Parley hardly hears you"),
        ({"floor_dbfs": -35.0}, Grade.FAIR, "It is noisy here"),
        ({"voice_dbfs": -44.0}, Grade.FAIR, "You can talk over Parley, loudly"),
        ({"stop_ms": 420.0}, Grade.FAIR, "You can talk over Parley, and it stops late"),
        ({"erle_db": 2.0, "left_dbfs": -61.0}, Grade.GOOD, "You can talk over Parley"),
        (NO_ECHO, Grade.GOOD, "You can talk over Parley"),
    ],
)
def test_each_problem_has_its_headline(changes: dict[str, Any], grade: Grade, headline: str) -> None:
    meaning = verdict(found(**changes))
    assert (meaning.grade, meaning.headline) == (grade, headline)


def test_without_echo_it_is_said_how_the_stop_was_timed() -> None:
    sentences = verdict(found(**NO_ECHO, stop_heard=False)).sentences
    assert "there is no echo to remove" in sentences[1]
    assert "what the loudspeaker says" in sentences[2]
