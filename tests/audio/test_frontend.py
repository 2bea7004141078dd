import pytest

from assistant.audio.frontend import FrontEnd
from assistant.audio.pcm import SAMPLE_RATE, Pcm, dbfs
from assistant.audio.room import Output, Room, RoomOptions
from assistant.core.events import Event, SpeechStarted, SpeechStopped
from tests.audio.sounds import at_time, frames, office_response, silence, speech, white_noise

SPEAKER = RoomOptions(rir=office_response())
HEADSET = RoomOptions(output=Output.HEADSET)


def hear(
    playout: Pcm, user: Pcm | None = None, room: RoomOptions = SPEAKER, front_end: FrontEnd | None = None
) -> list[Event]:
    front_end = front_end or FrontEnd()
    simulated = Room(room)
    events: list[Event] = []
    users = frames(silence(playout.size / SAMPLE_RATE) if user is None else user)
    for (frame, at), (said, _) in zip(frames(playout), users, strict=True):
        events += front_end.process(simulated.step(frame, said), frame, at).events
    return events


def starts(events: list[Event]) -> list[float]:
    return [event.at for event in events if isinstance(event, SpeechStarted)]


@pytest.mark.parametrize("gain", [-20.0, -10.0, 0.0])
@pytest.mark.parametrize("delay", [20.0, 60.0, 200.0])
def test_our_own_voice_is_not_the_user_even_the_first_time(gain: float, delay: float) -> None:
    room = RoomOptions(rir=office_response(), echo_gain_db=gain, echo_delay_ms=delay)
    assert hear(at_time(speech(8.0, -20.0), 0.5, 9.0), room=room) == []


def test_our_own_voice_in_noise_is_not_the_user_and_leaves_the_noise_floor_alone() -> None:
    room = RoomOptions(rir=office_response(), noise=white_noise(3.0, -30.0), noise_dbfs=-50.0)
    assert hear(at_time(speech(8.0, -20.0), 2.0, 12.0), room=room) == []


@pytest.mark.parametrize("seed", range(3))
def test_a_user_over_the_warm_loudspeaker_is_heard_soon(seed: int) -> None:
    user = at_time(speech(2.0, -26.0, seed + 20), 8.0, 10.5)
    found = starts(hear(at_time(speech(10.0, -20.0), 0.5, 10.5), user))
    assert found
    assert 8.0 < found[0] < 8.7


@pytest.mark.parametrize("seed", range(3))
def test_a_user_over_a_headset_is_heard_at_once(seed: int) -> None:
    user = at_time(speech(2.0, -26.0, seed + 20), 2.0, 4.5)
    found = starts(hear(at_time(speech(4.0, -20.0), 0.5, 4.5), user, HEADSET))
    assert found
    assert 2.0 < found[0] < 2.15


def test_a_user_in_silence_is_heard_at_once() -> None:
    events = hear(silence(4.0), at_time(speech(2.0), 1.0, 4.0))
    assert [type(event) for event in events] == [SpeechStarted, SpeechStopped]
    assert events[0].at < 1.12


def test_the_gate_lets_nothing_pass_and_ends_speech() -> None:
    front_end = FrontEnd()
    user = frames(speech(2.0))
    nothing = silence(0.01)
    for frame, at in user[:100]:
        front_end.process(frame, nothing, at)
    front_end.set_gate(True)
    muted = [front_end.process(frame, nothing, at) for frame, at in user[100:150]]
    assert [type(event) for event in muted[0].events] == [SpeechStopped]
    assert not any(frame.events for frame in muted[1:])
    assert not any(frame.clean.any() for frame in muted)
    assert {frame.level_dbfs for frame in muted} == {-100.0}
    front_end.set_gate(False)
    opened = [front_end.process(frame, nothing, at) for frame, at in user[150:]]
    assert len(starts([event for frame in opened for event in frame.events])) == 1


def test_our_voice_after_a_mute_is_still_not_the_user() -> None:
    front_end = FrontEnd()
    voice = speech(12.0, -20.0)
    assert hear(at_time(voice[: 6 * SAMPLE_RATE], 0.5, 6.5), front_end=front_end) == []
    front_end.set_gate(True)
    assert hear(voice[: 3 * SAMPLE_RATE], front_end=front_end) == []
    front_end.set_gate(False)
    assert hear(voice[3 * SAMPLE_RATE : 8 * SAMPLE_RATE], front_end=front_end) == []


def test_after_a_disturbance_residual_echo_is_not_speech_and_the_user_soon_is() -> None:
    front_end = FrontEnd()
    assert hear(at_time(speech(6.0, -20.0), 0.5, 6.5), front_end=front_end) == []
    front_end.disturbed()
    user = at_time(speech(2.5, -18.0, seed=30), 0.0, 3.0)
    found = starts(hear(speech(3.0, -20.0, seed=2), user, front_end=front_end))
    assert found
    assert 0.4 <= found[0] < 1.5


@pytest.mark.parametrize("shift_ms", [5.0, 20.0, 60.0])
def test_an_echo_that_comes_later_all_at_once_is_not_the_user(shift_ms: float) -> None:
    front_end = FrontEnd()
    voice = at_time(speech(12.0, -20.0), 0.5, 12.5)
    half = 6 * SAMPLE_RATE
    assert hear(voice[:half], front_end=front_end) == []
    later = RoomOptions(rir=office_response(), echo_delay_ms=60.0 + shift_ms)
    assert starts(hear(voice[half:], room=later, front_end=front_end)) == []


def test_levels_are_reported() -> None:
    frame = FrontEnd().process(white_noise(0.01, -30.0), white_noise(0.01, -20.0, seed=2), 0.01)
    assert frame.level_dbfs == pytest.approx(dbfs(white_noise(0.01, -30.0)))
    assert frame.reference_dbfs == pytest.approx(dbfs(white_noise(0.01, -20.0, seed=2)))
    assert frame.at == 0.01
