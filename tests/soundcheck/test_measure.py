"""Whole sound checks in simulated rooms whose truth is known."""

import numpy as np
import pytest

from assistant.audio.echo import Method
from assistant.audio.pcm import SAMPLE_RATE, to_int16
from assistant.audio.room import Output, RoomOptions, scale_to_dbfs
from assistant.soundcheck.findings import Findings
from assistant.soundcheck.script import Sentences, loud_at
from assistant.soundcheck.stages import check_room
from tests.audio.sounds import office_response, silence, speech, white_noise

VOICE_DBFS = -20.0
SENTENCES = Sentences(speech(4.0, VOICE_DBFS, seed=3), speech(4.0, VOICE_DBFS, seed=4), SAMPLE_RATE)
QUICK = Sentences(speech(2.0, VOICE_DBFS, seed=3), speech(3.0, VOICE_DBFS, seed=4), SAMPLE_RATE)


def check(options: RoomOptions, user_dbfs: float | None = None, sentences: Sentences = SENTENCES) -> Findings:
    user = None if user_dbfs is None else np.concatenate((silence(0.5), speech(1.5, user_dbfs, seed=9), silence(1.0)))
    return check_room(options, sentences, user)


@pytest.mark.parametrize(
    ("gain_db", "delay_ms", "floor_dbfs"), [(-6.0, 60.0, -70.0), (-16.0, 20.0, -62.0), (0.0, 250.0, -55.0)]
)
def test_what_is_found_is_the_truth(gain_db: float, delay_ms: float, floor_dbfs: float) -> None:
    found = check(RoomOptions(echo_gain_db=gain_db, echo_delay_ms=delay_ms, floor_dbfs=floor_dbfs), user_dbfs=-26.0)
    assert found.floor_dbfs == pytest.approx(floor_dbfs, abs=2.0)
    assert found.echo_delay_ms == pytest.approx(delay_ms, abs=5.0)
    assert found.echo_gain_db == pytest.approx(gain_db, abs=2.0)
    assert found.echo_dbfs == pytest.approx(VOICE_DBFS + gain_db, abs=2.0)
    assert found.voice_dbfs == pytest.approx(-26.0, abs=2.0)
    assert found.erle_db is not None
    assert found.erle_db > 18.0
    assert found.left_dbfs < VOICE_DBFS + gain_db - 15.0
    assert found.stop_heard
    assert 0.0 < found.stop_ms - delay_ms <= 15.0  # the fade
    assert found.clipped == 0.0
    assert found.method is Method.LINEAR


def test_a_room_that_rings_with_noise() -> None:
    options = RoomOptions(
        echo_gain_db=-10.0,
        echo_delay_ms=80.0,
        rir=office_response(),
        noise=white_noise(5.0, -20.0),
        noise_dbfs=-52.0,
    )
    found = check(options)
    assert found.floor_dbfs == pytest.approx(-52.0, abs=2.0)
    assert found.echo_delay_ms == pytest.approx(80.0, abs=5.0)
    assert found.echo_gain_db == pytest.approx(-10.0, abs=2.0)
    assert found.echo_dbfs == pytest.approx(VOICE_DBFS - 10.0, abs=2.0)
    assert found.erle_db is not None
    assert found.erle_db > 10.0
    assert 60.0 < found.stop_ms < 350.0
    assert found.voice_dbfs is None


def test_a_headset_has_no_echo_and_the_loudspeakers_word_is_taken() -> None:
    found = check(RoomOptions(Output.HEADSET), sentences=QUICK)
    assert (found.echo_dbfs, found.echo_gain_db, found.echo_delay_ms, found.erle_db) == (None, None, None, None)
    assert not found.stop_heard
    assert found.stop_ms == pytest.approx(8.0, abs=1.0)


def test_an_echo_below_the_noise_is_no_echo() -> None:
    options = RoomOptions(echo_gain_db=-50.0, noise=white_noise(5.0, -20.0), noise_dbfs=-40.0)
    assert check(options, sentences=QUICK).echo_dbfs is None


def test_clipping_is_seen() -> None:
    loud = to_int16(scale_to_dbfs(speech(2.0, seed=3), 2.0))
    found = check(RoomOptions(echo_gain_db=3.0), sentences=Sentences(loud, QUICK.cut, SAMPLE_RATE))
    assert found.clipped > 0.01


def test_a_dead_microphone_shows_as_digital_silence() -> None:
    found = check(RoomOptions(Output.HEADSET, floor_dbfs=-200.0), sentences=QUICK)
    assert found.floor_dbfs == -100.0
    assert found.voice_dbfs is None


def test_the_cut_falls_where_the_voice_is_loud() -> None:
    pcm = silence(3.0)
    pcm[round(1.2 * SAMPLE_RATE) : round(1.6 * SAMPLE_RATE)] = 8000
    assert 1.2 <= loud_at(pcm, SAMPLE_RATE) <= 1.45
    assert loud_at(silence(0.5), SAMPLE_RATE) == 0.8
