import itertools

import numpy as np
import pytest

from assistant.audio.pcm import SAMPLE_RATE, Pcm, to_int16
from assistant.audio.vad import TALKING, TRANSITIONS, EnergyVad, NoiseFloor, Sound, State, Strictness, VadOptions
from assistant.core.events import Event, SpeechStarted, SpeechStopped
from tests.audio.sounds import at_time, frames, silence, speech, white_noise


def listen(pcm: Pcm, vad: EnergyVad | None = None, strictness: Strictness | None = None) -> list[Event]:
    vad = vad or EnergyVad()
    return [event for frame, at in frames(pcm) for event in vad.process(frame, at, strictness or Strictness())]


def starts(events: list[Event]) -> list[float]:
    return [event.at for event in events if isinstance(event, SpeechStarted)]


def in_noise(sound: Pcm, start: float, total: float, noise_dbfs: float = -65.0) -> Pcm:
    return np.clip(at_time(sound, start, total).astype(int) + white_noise(total, noise_dbfs), -32768, 32767).astype(
        np.int16
    )


def test_the_table_covers_every_state_and_sound() -> None:
    assert set(TRANSITIONS) == set(itertools.product(State, Sound))


def test_every_state_can_be_left_and_reached() -> None:
    for state in State:
        assert any(source is not state and target is state for (source, _), target in TRANSITIONS.items())
        assert any(source is state and target is not state for (source, _), target in TRANSITIONS.items())


def test_speech_starts_and_stops_once() -> None:
    events = listen(in_noise(speech(2.0), 1.0, 4.0))
    assert [type(event) for event in events] == [SpeechStarted, SpeechStopped]
    started, stopped = events
    assert isinstance(started, SpeechStarted)
    assert isinstance(stopped, SpeechStopped)
    assert started.onset == pytest.approx(1.0, abs=0.03)
    assert started.at - started.onset == pytest.approx(0.06)
    assert stopped.offset == pytest.approx(3.0, abs=0.1)
    assert stopped.at - stopped.offset == pytest.approx(0.25)


@pytest.mark.parametrize("seed", range(5))
def test_the_onset_in_ten_decibels_of_noise_is_found_soon(seed: int) -> None:
    found = starts(listen(in_noise(speech(2.0, -26.0, seed), 3.0, 5.0, noise_dbfs=-36.0)))
    assert len(found) >= 1
    assert 3.05 <= found[0] < 3.3


@pytest.mark.parametrize("level", [-60.0, -45.0, -30.0])
def test_steady_noise_from_the_beginning_is_not_speech(level: float) -> None:
    assert listen(white_noise(10.0, level)) == []


def test_a_fan_that_is_switched_on_does_not_talk_for_ever() -> None:
    events = listen(np.concatenate((white_noise(2.0, -70.0), white_noise(8.0, -38.0, seed=2))))
    assert [type(event) for event in events] == [SpeechStarted, SpeechStopped]
    assert events[1].at < 2.0 + 3.0


def test_speech_is_found_again_over_the_fan() -> None:
    fan = np.concatenate((white_noise(2.0, -70.0), white_noise(8.0, -45.0, seed=2)))
    fan[7 * SAMPLE_RATE : 9 * SAMPLE_RATE] += speech(2.0, -26.0)
    assert [at for at in starts(listen(fan)) if at > 3.0] == [pytest.approx(7.08, abs=0.05)]


def test_a_sentence_of_ten_seconds_stays_speech() -> None:
    events = listen(in_noise(speech(10.0), 1.0, 12.0))
    assert [type(event) for event in events] == [SpeechStarted, SpeechStopped]
    assert events[1].at > 11.0


def test_a_click_is_not_speech() -> None:
    sound = white_noise(3.0, -65.0)
    sound[SAMPLE_RATE : SAMPLE_RATE + 480] = white_noise(0.03, -20.0)
    assert listen(sound) == []


def test_hum_is_not_speech() -> None:
    time = np.arange(3 * SAMPLE_RATE) / SAMPLE_RATE
    hum = to_int16((0.008 * np.sin(2.0 * np.pi * 50.0 * time) * (time > 1.0)).astype(np.float32))
    assert listen((hum + white_noise(3.0, -70.0)).astype(np.int16)) == []


def test_quiet_sound_is_not_speech_however_silent_the_room() -> None:
    assert listen(in_noise(speech(2.0, -58.0), 1.0, 4.0, noise_dbfs=-80.0)) == []


def test_zeros_from_a_device_that_starts_are_no_noise_floor() -> None:
    assert listen(np.concatenate((silence(1.0), white_noise(4.0, -45.0)))) == []


def test_starting_takes_consecutive_frames() -> None:
    vad = EnergyVad(VadOptions(start_s=0.06))
    loud, quiet = frames(white_noise(0.06, -30.0)), frames(white_noise(0.03, -70.0))
    at = 0.0
    seen: list[Event] = []
    for frame, _ in frames(white_noise(1.0, -70.0)) + (loud[:4] + quiet) * 6:
        at += 0.01
        seen += vad.process(frame, at)
    assert seen == []
    for frame, _ in loud:
        at += 0.01
        seen += vad.process(frame, at)
    assert len(starts(seen)) == 1


def test_strictness_raises_the_bar() -> None:
    sound = in_noise(speech(1.0, -30.0), 1.0, 3.0)
    assert len(starts(listen(sound))) == 1
    assert listen(sound, strictness=Strictness(least_dbfs=-15.0)) == []


def test_a_kept_floor_rises_and_does_not_fall() -> None:
    floor = NoiseFloor()
    for _ in range(100):
        floor.update(-50.0)
    before = floor.dbfs
    for _ in range(600):
        floor.update(-70.0, keep=True)
    assert floor.dbfs == pytest.approx(before, abs=0.1)
    for _ in range(600):
        floor.update(-40.0, keep=True)
    assert floor.dbfs == pytest.approx(-38.0, abs=0.1)


def test_silencing_ends_speech_at_once() -> None:
    vad = EnergyVad()
    listen(in_noise(speech(2.0), 1.0, 1.9), vad)
    assert vad.state in TALKING
    (event,) = vad.silence(1.91)
    assert isinstance(event, SpeechStopped)
    assert event.offset < 1.905
    assert vad.silence(1.92) == ()
