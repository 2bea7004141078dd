import sys

import numpy as np
import pytest

from assistant.audio.echo import EchoCanceller, Headset, NoCanceller, make_canceller
from assistant.audio.echo_path import EchoPath
from assistant.audio.frontend import FrontEnd
from assistant.audio.pcm import FRAME, Pcm, dbfs
from assistant.audio.room import Output, Room, RoomOptions
from tests.audio.sounds import at_time, frames, office_response, silence, speech, white_noise

SPEAKER = RoomOptions(rir=office_response())
HEADSET = RoomOptions(output=Output.HEADSET)


def cancel(canceller: EchoCanceller, options: RoomOptions, playout: Pcm, user: Pcm | None = None) -> tuple[Pcm, Pcm]:
    """What the microphone heard, and what was left of it."""
    room = Room(options)
    users = frames(silence(playout.size / 16_000) if user is None else user)
    heard = [room.step(frame, said) for (frame, _), (said, _) in zip(frames(playout), users, strict=True)]
    clean = [canceller.process(mic, frame) for mic, (frame, _) in zip(heard, frames(playout), strict=True)]
    return np.concatenate(heard), np.concatenate(clean)


def test_echo_is_removed_and_measured() -> None:
    canceller = EchoCanceller()
    assert (canceller.erle_db, canceller.converged) == (0.0, False)
    heard, clean = cancel(canceller, SPEAKER, at_time(speech(9.0, -20.0), 1.0, 10.0))
    late = slice(5 * 16_000, 9 * 16_000)
    assert dbfs(heard[late]) - dbfs(clean[late]) > 20.0
    assert canceller.erle_db > 20.0
    assert canceller.converged
    assert not canceller.bypassed


def test_a_headset_is_bypassed_within_half_a_second_of_voice() -> None:
    canceller = EchoCanceller()
    cancel(canceller, HEADSET, at_time(speech(0.9, -20.0), 1.0, 2.0))
    assert canceller.bypassed
    user = at_time(speech(1.0, -26.0, seed=9), 0.5, 2.0)
    heard, clean = cancel(canceller, HEADSET, speech(2.0, -20.0), user)
    assert np.array_equal(heard, clean)


def test_a_user_over_a_headset_is_no_echo_path() -> None:
    canceller = EchoCanceller()
    cancel(canceller, HEADSET, at_time(speech(0.9, -20.0), 1.0, 2.0))
    cancel(canceller, HEADSET, speech(20.0, -20.0, seed=3), speech(20.0, -26.0, seed=4))
    assert canceller.bypassed


def test_an_echo_that_appears_ends_the_bypass() -> None:
    canceller = EchoCanceller()
    cancel(canceller, HEADSET, at_time(speech(0.9, -20.0), 1.0, 2.0))
    assert canceller.bypassed
    cancel(canceller, SPEAKER, speech(3.0, -20.0, seed=7))
    assert not canceller.bypassed


def test_a_long_reply_without_a_pause_does_not_start_the_bypass() -> None:
    canceller = EchoCanceller()
    loud = white_noise(8.0, -20.0)
    cancel(canceller, SPEAKER, at_time(loud, 1.0, 9.0))
    assert not canceller.bypassed


def test_quiet_playout_decides_nothing() -> None:
    path = EchoPath()
    for frame, _ in frames(white_noise(3.0, -70.0)):
        assert path.update(frame, frame, -70.0, -60.0)
    assert not path.echo_due


def test_a_jump_of_the_time_line_costs_the_trust() -> None:
    canceller = EchoCanceller()
    cancel(canceller, SPEAKER, at_time(speech(7.0, -20.0), 0.5, 7.5))
    assert canceller.converged
    canceller.disturbed()
    assert not canceller.converged


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


def test_without_livekit_the_microphone_is_deaf_while_we_speak(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "livekit.rtc", None)
    canceller = make_canceller()
    assert isinstance(canceller, NoCanceller)
    assert not canceller.available
    voice, user, nothing = white_noise(0.01, -20.0), white_noise(0.01, -26.0, seed=2), silence(0.01)
    assert np.array_equal(canceller.process(user, nothing), user)
    assert not canceller.process(user, voice).any()
    after = [bool(canceller.process(user, nothing).any()) for _ in range(40)]
    assert after == [False] * 29 + [True] * 11
    assert nothing.size == FRAME


def test_with_livekit_it_is_full_duplex() -> None:
    assert make_canceller().available


def test_on_a_headset_by_the_users_word_the_microphone_passes_as_it_is() -> None:
    front_end = FrontEnd(canceller=Headset())
    voice, ours = white_noise(0.5, -20.0), white_noise(0.5, -12.0)
    for n in range(50):
        frame = voice[n * FRAME : (n + 1) * FRAME]
        heard = front_end.process(frame, ours[n * FRAME : (n + 1) * FRAME], (n + 1) * 0.01)
        assert np.array_equal(heard.clean, frame)
