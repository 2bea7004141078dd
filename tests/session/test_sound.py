"""The sound devices of a session use what a sound check found on them."""

from collections.abc import Callable
from typing import Any

import pytest

from assistant.audio.frontend import FrontEnd
from assistant.core.events import Device, DeviceReady, Event
from assistant.session import sound
from assistant.session.setup import Setup
from assistant.session.sound import DeviceSound
from assistant.settings import Settings
from assistant.soundcheck.shelf import Shelf
from tests.soundcheck.examples import found


class FakeLoop:
    """Reports devices when the test wants it to."""

    def __init__(self, _: Any, front_end: FrontEnd, __: Any, on_event: Callable[[Event], None], ___: Any) -> None:
        self.front_end = front_end
        self.on_event = on_event

    def start(self) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.mark.parametrize(("settings", "least"), [(Settings(), -40.0), (Settings(use_sound_check=False), -50.0)])
def test_thresholds_follow_the_devices(monkeypatch: pytest.MonkeyPatch, settings: Settings, least: float) -> None:
    Shelf().keep(found(microphone="mic", loudspeaker="speaker", noise_dbfs=-50.0))
    loops: list[FakeLoop] = []

    def make(*arguments: Any) -> FakeLoop:
        loops.append(FakeLoop(*arguments))
        return loops[-1]

    monkeypatch.setattr(sound, "AudioLoop", make)
    events: list[Event] = []
    devices = DeviceSound(Setup.of(settings))
    devices.start(lambda frame: None, events.append)
    (loop,) = loops
    used = []
    for event in (
        DeviceReady(0.0, Device.MICROPHONE, "mic"),
        DeviceReady(0.0, Device.LOUDSPEAKER, "speaker"),
        DeviceReady(1.0, Device.LOUDSPEAKER, "headphones"),
    ):
        loop.on_event(event)
        used.append(loop.front_end.vad.options.min_dbfs)
    devices.close()
    assert used == [-50.0, least, -50.0]
    assert len(events) == 3
