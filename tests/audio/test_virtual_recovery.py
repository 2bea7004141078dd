"""Sound servers and devices that come and go, through a PulseAudio daemon with virtual devices."""

import os
import subprocess

import pytest

from assistant.audio.streams import now
from assistant.bench.virtual_card import VirtualSoundCard
from assistant.core.events import Event, PlayoutFinished, PlayoutStarted, PlayoutStopped
from tests.audio.listener import PATIENCE_S, Listener


def _pactl(card: VirtualSoundCard, *arguments: str) -> str:
    environment = os.environ | card.environment
    return subprocess.run(("pactl", *arguments), env=environment, capture_output=True, text=True, check=True).stdout


def test_a_sound_server_that_restarts_is_taken_up_again_soon_and_quietly(
    card: VirtualSoundCard, listener: Listener, capfd: pytest.CaptureFixture[str]
) -> None:
    listener.loop.start()
    listener.wait_for_devices()
    listener.pass_frames(20)
    card.stop()
    card.start()
    restarted = now()
    while listener.frames.get(timeout=PATIENCE_S).at < restarted:
        pass
    assert now() - restarted < 8.0  # two seconds on a machine that is not busy
    listener.pass_frames(20)
    err = capfd.readouterr().err
    assert "Expression" not in err
    assert "ALSA" not in err


def test_our_voice_goes_on_where_it_was_when_the_loudspeaker_is_replaced(
    card: VirtualSoundCard, listener: Listener
) -> None:
    listener.loop.start()
    listener.wait_for_devices()
    listener.say(epoch=1, seconds=4.0)
    started = listener.wait_for(PlayoutStarted)
    card.stop()
    card.start()
    finished = listener.wait_for(Event, lambda event: isinstance(event, PlayoutFinished | PlayoutStopped))
    assert isinstance(finished, PlayoutFinished)
    assert 3.9 < finished.at - started.at < 4.0 + PATIENCE_S


def test_when_the_microphone_is_unplugged_the_default_one_is_heard_within_two_seconds(
    card: VirtualSoundCard, listener: Listener
) -> None:
    listener.loop.start()
    listener.wait_for_devices()
    listener.pass_frames(20)
    for line in _pactl(card, "list", "short", "modules").splitlines():
        number, name = line.split("\t")[:2]
        if name == "module-remap-source":
            _pactl(card, "unload-module", number)
    unplugged = now()
    while listener.frames.get(timeout=PATIENCE_S).at < unplugged + 0.5:
        pass
    assert now() - unplugged < 2.0
