"""An audio loop in the hands of a test."""

import queue
from collections.abc import Callable
from typing import TypeVar

from assistant.audio.frontend import FrontEnd, FrontEndFrame
from assistant.audio.loop import AudioLoop
from assistant.audio.pcm import SAMPLE_RATE
from assistant.audio.playout import Playout, make_segment
from assistant.core.events import Device, DeviceReady, Event
from tests.audio.sounds import speech

PATIENCE_S = 20.0
"""For a machine that is busy with something else."""

E = TypeVar("E", bound=Event)


class Listener:
    """An audio loop whose frames and events arrive in queues."""

    def __init__(self) -> None:
        self.playout = Playout(SAMPLE_RATE)
        self.front_end = FrontEnd()
        self.events: queue.Queue[Event] = queue.Queue()
        self.frames: queue.Queue[FrontEndFrame] = queue.Queue()
        self.loop = AudioLoop(self.playout, self.front_end, self._frame, self.events.put)

    def _frame(self, frame: FrontEndFrame) -> None:
        self.frames.put(frame)
        for event in frame.events:
            self.events.put(event)

    def say(self, epoch: int, seconds: float) -> None:
        sound = speech(seconds, -20.0)
        self.playout.queue(make_segment(epoch, 0, sound, SAMPLE_RATE, self.playout.rate))

    def wait_for(self, kind: type[E], check: Callable[[E], bool] = lambda event: True) -> E:
        while True:
            event = self.events.get(timeout=PATIENCE_S)
            if isinstance(event, kind) and check(event):
                return event

    def wait_for_devices(self) -> None:
        ready: set[Device] = set()
        while len(ready) < len(Device):
            ready.add(self.wait_for(DeviceReady).device)

    def pass_frames(self, count: int) -> list[FrontEndFrame]:
        return [self.frames.get(timeout=PATIENCE_S) for _ in range(count)]
