"""The audio thread on real PortAudio streams, through a PulseAudio daemon with virtual devices."""

import numpy as np
import pytest

from assistant.audio.devices import NO_LOUDSPEAKER, NO_MICROPHONE, DeviceError, SoundSystem
from assistant.audio.echo import Method
from assistant.audio.pcm import SAMPLE_RATE, dbfs
from assistant.audio.streams import MicrophoneStream
from assistant.bench.virtual_card import VirtualSoundCard
from assistant.core.events import (
    Device,
    DeviceLost,
    Event,
    PlayoutFinished,
    PlayoutStarted,
    PlayoutStopped,
    SpeechStarted,
    SpeechStopped,
)
from tests.audio.listener import PATIENCE_S, Listener
from tests.audio.sounds import silence, speech


def test_a_voice_at_the_microphone_is_heard(card: VirtualSoundCard, listener: Listener) -> None:
    listener.loop.start()
    listener.wait_for_devices()
    listener.pass_frames(30)
    said = card.speak(np.concatenate((speech(1.5), silence(1.0))))
    started = listener.wait_for(SpeechStarted)
    stopped = listener.wait_for(SpeechStopped)
    assert 1.2 < stopped.offset - started.onset < 1.8
    said.wait(PATIENCE_S)


def test_frames_follow_each_other_on_the_time_line(card: VirtualSoundCard, listener: Listener) -> None:
    listener.loop.start()
    listener.wait_for_devices()
    frames = listener.pass_frames(200)[50:]
    assert frames[-1].at - frames[0].at == pytest.approx(1.49, abs=0.2)
    assert all(frame.clean.shape == (160,) for frame in frames)
    assert card.environment["PULSE_SOURCE"] == "mic"


def test_our_voice_is_heard_and_a_cut_silences_the_loudspeaker(card: VirtualSoundCard, listener: Listener) -> None:
    listener.loop.start()
    listener.wait_for_devices()
    with card.recording() as recording:
        listener.say(epoch=1, seconds=20.0)
        listener.wait_for(PlayoutStarted)
        assert dbfs(recording.wait(1.0)[SAMPLE_RATE // 2 :]) > -30.0
        listener.playout.cut(1)
        stopped = listener.wait_for(PlayoutStopped)
        assert 0.0 < stopped.fraction < 1.0
        recording.wait(0.5)
        assert not recording.wait(0.5).any()
        listener.say(epoch=2, seconds=0.5)
        listener.wait_for(PlayoutFinished, lambda event: event.epoch == 2)
        recording.wait(0.3)
        assert dbfs(recording.pcm[-SAMPLE_RATE:]) > -40.0


def test_our_own_voice_in_the_room_is_not_the_user_but_the_user_is(room: VirtualSoundCard, listener: Listener) -> None:
    listener.loop.start()
    listener.wait_for_devices()
    listener.pass_frames(250)
    listener.say(epoch=1, seconds=6.0)
    listener.wait_for(PlayoutFinished)
    listener.pass_frames(30)
    heard = [event for frame in list(listener.frames.queue) for event in frame.events]
    assert not any(isinstance(event, SpeechStarted) for event in heard)
    assert listener.front_end.canceller.method is Method.LINEAR
    listener.say(epoch=2, seconds=8.0)
    listener.wait_for(PlayoutStarted, lambda event: event.epoch == 2)
    said = room.speak(speech(3.0, -16.0, seed=11))
    listener.wait_for(SpeechStarted)
    said.wait(PATIENCE_S)


def test_without_devices_there_are_two_sentences_and_time_goes_on(no_card: None, listener: Listener) -> None:
    listener.loop.start()
    messages = {event.device: event.message for event in (listener.wait_for(DeviceLost), listener.wait_for(DeviceLost))}
    assert messages == {Device.MICROPHONE: NO_MICROPHONE, Device.LOUDSPEAKER: NO_LOUDSPEAKER}
    listener.say(epoch=1, seconds=0.2)
    started, finished = listener.wait_for(PlayoutStarted), listener.wait_for(PlayoutFinished)
    assert finished.at - started.at == pytest.approx(0.2, abs=0.01)


def test_choosing_without_devices_says_what_to_do(no_card: None) -> None:
    system = SoundSystem()
    with pytest.raises(DeviceError, match="Plug one in"):
        system.choose_input()
    with pytest.raises(DeviceError, match="choose an output"):
        system.choose_output("anything")
    system.close()


def test_devices_are_chosen_by_name_with_the_default_as_fallback(card: VirtualSoundCard) -> None:
    system = SoundSystem()
    names = [device.name for device in system.inputs()]
    assert "pulse" in names
    assert system.choose_input("pulse").name == "pulse"
    assert system.choose_input("PULS").name == "pulse"
    assert system.choose_input("gone").name == system.choose_input().name
    assert system.choose_output("pulse").output_channels > 0
    system.close()


def test_listing_devices_is_quiet(card: VirtualSoundCard, capfd: pytest.CaptureFixture[str]) -> None:
    system = SoundSystem()
    system.inputs()
    system.close()
    assert capfd.readouterr().err == ""


def test_a_sound_card_that_vanishes_is_reported_and_taken_up_again(card: VirtualSoundCard, listener: Listener) -> None:
    listener.loop.start()
    listener.wait_for_devices()
    listener.say(epoch=1, seconds=30.0)
    listener.wait_for(PlayoutStarted)
    card.stop()
    lost: set[Device] = set()
    stopped = None
    while len(lost) < len(Device) or stopped is None:
        event = listener.wait_for(Event)
        if isinstance(event, DeviceLost):
            lost.add(event.device)
        stopped = event if isinstance(event, PlayoutStopped) else stopped
    assert 0.0 <= stopped.fraction < 1.0
    card.start()
    listener.wait_for_devices()
    with card.recording() as recording:
        listener.say(epoch=2, seconds=1.0)
        listener.wait_for(PlayoutFinished)
        recording.wait(0.3)
        assert dbfs(recording.pcm) > -40.0


def test_nothing_is_called_after_close(card: VirtualSoundCard, listener: Listener) -> None:
    listener.loop.start()
    listener.wait_for_devices()
    listener.loop.close()
    frames, events = listener.frames.qsize(), listener.events.qsize()
    with card.recording() as recording:
        recording.wait(0.3)
    assert (listener.frames.qsize(), listener.events.qsize()) == (frames, events)


def test_a_sound_system_that_does_not_start_is_reported(monkeypatch: pytest.MonkeyPatch, listener: Listener) -> None:
    def refuse() -> None:
        raise OSError("no backend")

    monkeypatch.setattr("pyaudio.PyAudio", refuse)
    listener.loop.start()
    lost = [listener.wait_for(DeviceLost), listener.wait_for(DeviceLost)]
    assert {event.device for event in lost} == set(Device)
    assert all("no backend" in event.message for event in lost)


def test_a_device_that_refuses_is_named(card: VirtualSoundCard, monkeypatch: pytest.MonkeyPatch) -> None:
    system = SoundSystem()

    def refuse(**arguments: object) -> None:
        raise OSError("device unavailable")

    monkeypatch.setattr(system, "open", refuse)
    with pytest.raises(DeviceError, match="default cannot be opened"):
        MicrophoneStream(system, system.choose_input())
    system.close()
