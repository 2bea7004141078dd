"""The chirp against echo paths that are known."""

import numpy as np
import pytest

from assistant.audio.chirp import AFTER_S, LEAD_S, LENGTH_S, chirp, find_echo
from assistant.audio.pcm import FRAME, SAMPLE_RATE, Pcm, dbfs
from assistant.audio.room import Output, Room, RoomOptions
from tests.audio.sounds import office_response, white_noise


def heard(options: RoomOptions) -> Pcm:
    """What the microphone hears of the chirp."""
    room = Room(options)
    played = np.zeros(round((LEAD_S + LENGTH_S + AFTER_S) * SAMPLE_RATE), dtype=np.int16)
    begin = round(LEAD_S * SAMPLE_RATE)
    played[begin : begin + chirp().size] = chirp()
    return np.concatenate([room.step(frame) for frame in played.reshape(-1, FRAME)])


@pytest.mark.parametrize("delay_ms", [0.0, 3.0, 60.0, 320.0])
@pytest.mark.parametrize("gain_db", [-40.0, -16.0, 0.0])
def test_gain_and_delay_of_a_plain_path(delay_ms: float, gain_db: float) -> None:
    echo = find_echo(heard(RoomOptions(echo_gain_db=gain_db, echo_delay_ms=delay_ms)))
    assert echo is not None
    assert echo.gain_db == pytest.approx(gain_db, abs=1.0)
    assert 1000.0 * echo.delay_s == pytest.approx(delay_ms, abs=0.5)


@pytest.mark.parametrize("seed", range(3))
def test_in_a_room_that_rings_and_is_noisy(seed: int) -> None:
    noise = white_noise(3.0, -20.0, seed)
    options = RoomOptions(
        echo_gain_db=-12.0, echo_delay_ms=90.0, rir=office_response(seed), noise=noise, noise_dbfs=-40.0
    )
    echo = find_echo(heard(options))
    assert echo is not None
    assert echo.gain_db == pytest.approx(-12.0, abs=1.0)
    assert 1000.0 * echo.delay_s == pytest.approx(90.0, abs=2.0)


@pytest.mark.parametrize("seed", range(8))
def test_noise_alone_is_no_echo(seed: int) -> None:
    noise = white_noise(3.0, -20.0, seed + 1)
    assert find_echo(heard(RoomOptions(Output.HEADSET, noise=noise, noise_dbfs=-30.0, seed=seed))) is None


def test_digital_silence_is_no_echo() -> None:
    assert find_echo(np.zeros(2 * SAMPLE_RATE, dtype=np.int16)) is None


def test_too_little_sound_is_refused() -> None:
    with pytest.raises(ValueError, match="samples wanted"):
        find_echo(np.zeros(100, dtype=np.int16))


def test_the_chirp_is_about_as_loud_as_a_voice_and_does_not_click() -> None:
    assert -18.0 < dbfs(chirp()) < -12.0
    assert abs(int(chirp()[0])) < 10
    assert abs(int(chirp()[-1])) < 100
