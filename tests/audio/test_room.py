import numpy as np
import pytest

from assistant.audio.pcm import FRAME, SAMPLE_RATE, Pcm, dbfs, to_int16
from assistant.audio.room import Output, Room, RoomOptions, scale_to_dbfs, voiced_dbfs
from tests.audio.sounds import frames, office_response, silence, speech, white_noise

QUIET = RoomOptions(floor_dbfs=-100.0)


def listen(options: RoomOptions, playout: Pcm, user: Pcm | None = None) -> Pcm:
    room = Room(options)
    users = [None] * (playout.size // FRAME) if user is None else [frame for frame, _ in frames(user)]
    return np.concatenate([room.step(frame, heard) for (frame, _), heard in zip(frames(playout), users, strict=True)])


def test_the_echo_has_its_gain_and_its_delay() -> None:
    sound = white_noise(2.0, -20.0)
    heard = listen(RoomOptions(echo_gain_db=-10.0, echo_delay_ms=60.0, floor_dbfs=-100.0), sound)
    delay = 960
    assert not np.abs(heard[: delay - FRAME]).max() > 2
    assert dbfs(heard[delay:]) == pytest.approx(-30.0, abs=0.1)
    expected = sound[:-delay].astype(float) * 10 ** (-10 / 20)
    assert np.abs(heard[delay:] - expected).max() <= 2


def test_a_response_is_scaled_to_the_gain_and_convolved_exactly() -> None:
    response = office_response()
    sound = white_noise(1.0, -20.0)
    options = RoomOptions(echo_gain_db=-6.0, echo_delay_ms=0.0, rir=response, floor_dbfs=-100.0)
    heard = listen(options, sound)
    scaled = response / np.sqrt(np.sum(np.square(response))) * 10 ** (-6 / 20)
    expected = np.convolve(sound.astype(float), scaled)[: heard.size]
    assert np.abs(heard - expected).max() <= 2


def test_a_headset_has_no_echo() -> None:
    options = RoomOptions(output=Output.HEADSET, floor_dbfs=-70.0)
    assert dbfs(listen(options, white_noise(1.0, -10.0))) == pytest.approx(-70.0, abs=0.2)


def test_noise_loops_at_its_level() -> None:
    noise = white_noise(0.333, -30.0)
    heard = listen(RoomOptions(noise=noise, noise_dbfs=-50.0, floor_dbfs=-100.0), silence(2.0))
    assert dbfs(heard) == pytest.approx(-50.0, abs=0.1)
    assert np.abs(heard[noise.size : 2 * noise.size].astype(int) - heard[: noise.size]).max() <= 2


def test_silent_noise_stays_silent() -> None:
    heard = listen(RoomOptions(noise=silence(0.5), noise_dbfs=-50.0, floor_dbfs=-100.0), silence(0.5))
    assert np.abs(heard).max() <= 2


def test_the_user_is_heard_and_all_together_clips() -> None:
    user = speech(1.0)
    assert np.abs(listen(QUIET, silence(1.0), user).astype(int) - user).max() <= 2
    loud = to_int16(np.full(SAMPLE_RATE, 0.8, dtype=np.float32))
    options = RoomOptions(echo_gain_db=0.0, echo_delay_ms=0.0, floor_dbfs=-100.0)
    assert np.all(listen(options, loud, loud) == 32767)


def test_the_same_seed_gives_the_same_sound() -> None:
    sound = speech(1.0)
    options = RoomOptions(rir=office_response(), floor_dbfs=-50.0, seed=3)
    assert np.array_equal(listen(options, sound), listen(options, sound))
    other = RoomOptions(rir=office_response(), floor_dbfs=-50.0, seed=4)
    assert not np.array_equal(listen(options, sound), listen(other, sound))


def test_levels_are_of_the_voiced_part() -> None:
    padded = np.concatenate((silence(1.0), speech(1.0, -40.0), silence(2.0)))
    scaled = to_int16(scale_to_dbfs(padded, -26.0))
    assert voiced_dbfs(scaled) == pytest.approx(-26.0, abs=0.1)
    assert dbfs(scaled) < -30.0
    assert not scale_to_dbfs(silence(0.5), -26.0).any()
