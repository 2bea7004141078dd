import sys

import numpy as np
import pytest

from assistant.audio.echo import JUDGED_S, Canceller, EchoCanceller, Headset, Method
from assistant.audio.echo_path import EchoPath
from assistant.audio.frontend import FrontEnd
from assistant.audio.pcm import FRAME, SAMPLE_RATE, Pcm, dbfs, to_float
from assistant.audio.room import Output, Room, RoomOptions
from tests.audio.sounds import at_time, frames, office_response, silence, speech, white_noise

SPEAKER = RoomOptions(rir=office_response())
HEADSET = RoomOptions(output=Output.HEADSET)
FAR = RoomOptions(rir=office_response(), echo_delay_ms=450.0)
"""Later than the linear filter knows."""


def cancel(canceller: Canceller, options: RoomOptions, playout: Pcm, user: Pcm | None = None) -> tuple[Pcm, Pcm]:
    """What the microphone heard, and what was left of it."""
    room = Room(options)
    users = frames(silence(playout.size / SAMPLE_RATE) if user is None else user)
    heard = [room.step(frame, said) for (frame, _), (said, _) in zip(frames(playout), users, strict=True)]
    clean = [canceller.process(mic, frame) for mic, (frame, _) in zip(heard, frames(playout), strict=True)]
    return np.concatenate(heard), np.concatenate(clean)


def removed_db(heard: Pcm, clean: Pcm, seconds: slice) -> float:
    samples = slice(int(seconds.start * SAMPLE_RATE), int(seconds.stop * SAMPLE_RATE))
    return dbfs(heard[samples]) - dbfs(clean[samples])


@pytest.mark.parametrize("gain", [-20.0, -10.0, 0.0])
def test_echo_is_removed_soon_and_well(gain: float) -> None:
    canceller = EchoCanceller()
    room = RoomOptions(rir=office_response(), echo_gain_db=gain)
    heard, clean = cancel(canceller, room, at_time(speech(9.0, -20.0), 1.0, 10.0))
    assert removed_db(heard, clean, slice(1.5, 3.0)) > 6.0
    assert removed_db(heard, clean, slice(5.0, 9.0)) > 18.0
    assert canceller.method is Method.LINEAR
    assert canceller.erle_db is not None
    assert canceller.erle_db > 18.0


def test_the_users_voice_over_ours_is_left_alone() -> None:
    playout = at_time(speech(10.0, -20.0), 0.5, 11.0)
    user = at_time(speech(2.0, -30.0, seed=5), 7.0, 11.0)
    _, clean = cancel(EchoCanceller(), SPEAKER, playout, user)
    said = slice(7 * SAMPLE_RATE, 9 * SAMPLE_RATE)
    wanted = to_float(user[said])
    wrong = to_float(clean[said]) - wanted
    assert float(np.dot(wanted, wanted) / np.dot(wrong, wrong)) > 10.0


def test_over_a_headset_the_user_is_heard_as_they_are() -> None:
    user = at_time(speech(1.5, -26.0, seed=9), 1.0, 3.0)
    heard, clean = cancel(EchoCanceller(), HEADSET, speech(3.0, -20.0), user)
    wrong = to_float(clean) - to_float(heard)
    assert float(np.dot(wrong, wrong)) < 0.01 * float(np.dot(to_float(heard), to_float(heard)))


@pytest.mark.parametrize(
    "moved",
    [
        RoomOptions(rir=office_response(), echo_delay_ms=90.0),
        RoomOptions(rir=-office_response(), echo_gain_db=-4.0),
    ],
)
def test_another_echo_path_is_learned_soon(moved: RoomOptions) -> None:
    canceller = EchoCanceller()
    cancel(canceller, SPEAKER, speech(6.0, -20.0))
    heard, clean = cancel(canceller, moved, speech(6.0, -20.0, seed=3))
    assert removed_db(heard, clean, slice(3.0, 6.0)) > 12.0


def test_where_the_linear_filter_fails_the_suppressor_takes_over_and_gives_back() -> None:
    canceller: Canceller = EchoCanceller()
    methods = [canceller.method]
    heard, clean = cancel(canceller, FAR, speech(4.0 * JUDGED_S, -20.0))
    methods.append(canceller.method)
    assert removed_db(heard, clean, slice(4.0 * JUDGED_S - 2.0, 4.0 * JUDGED_S)) > 15.0
    cancel(canceller, SPEAKER, speech(3.0 * JUDGED_S, -20.0, seed=2))
    methods.append(canceller.method)
    assert methods == [Method.LINEAR, Method.SUPPRESSOR, Method.LINEAR]


def test_where_nothing_helps_the_microphone_is_deaf_while_we_speak(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "livekit.rtc", None)
    canceller = EchoCanceller()
    _, clean = cancel(canceller, FAR, at_time(speech(3.0 * JUDGED_S, -20.0), 0.0, 3.0 * JUDGED_S + 1.0))
    assert canceller.method is Method.HALF_DUPLEX
    assert not clean[-3 * SAMPLE_RATE : -2 * SAMPLE_RATE].any()
    assert clean[-SAMPLE_RATE // 2 :].any()


def test_a_user_over_a_headset_is_no_failed_canceller() -> None:
    canceller = EchoCanceller()
    cancel(canceller, HEADSET, at_time(speech(0.9, -20.0), 1.0, 2.0))
    cancel(canceller, HEADSET, speech(20.0, -20.0, seed=3), speech(20.0, -26.0, seed=4))
    assert canceller.method is Method.LINEAR


def test_quiet_playout_decides_nothing() -> None:
    path = EchoPath()
    for frame, _ in frames(white_noise(3.0, -70.0)):
        assert path.update(frame, frame, -70.0, -60.0)
    assert not path.echo_due


@pytest.mark.parametrize("size", [80, 159, 320])
def test_only_frames_of_ten_milliseconds_are_taken(size: int) -> None:
    with pytest.raises(ValueError, match="160"):
        EchoCanceller().process(np.zeros(size, dtype=np.int16), np.zeros(size, dtype=np.int16))


def test_the_input_is_left_alone_and_the_output_is_deterministic() -> None:
    playout = speech(2.0, -20.0)
    before = playout.copy()
    first = cancel(EchoCanceller(), SPEAKER, playout)
    second = cancel(EchoCanceller(), SPEAKER, playout)
    assert np.array_equal(playout, before)
    assert np.array_equal(first[1], second[1])


def test_on_a_headset_by_the_users_word_the_microphone_passes_as_it_is() -> None:
    front_end = FrontEnd(canceller=Headset())
    voice, ours = white_noise(0.5, -20.0), white_noise(0.5, -12.0)
    for n in range(50):
        frame = voice[n * FRAME : (n + 1) * FRAME]
        heard = front_end.process(frame, ours[n * FRAME : (n + 1) * FRAME], (n + 1) * 0.01)
        assert np.array_equal(heard.clean, frame)
