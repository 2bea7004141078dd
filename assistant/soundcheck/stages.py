"""The stages of a sound check: this computer's devices, and a simulated room."""

import threading
from collections import deque
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from assistant.audio.frontend import FrontEndFrame
from assistant.audio.loop import AudioLoop, LoopOptions
from assistant.audio.pcm import FRAME, FRAME_S, SAMPLE_RATE, Floats, Pcm
from assistant.audio.playout import Playout
from assistant.audio.room import Room, RoomOptions
from assistant.audio.streams import now
from assistant.core.events import Device, DeviceLost, DeviceReady, Event
from assistant.errors import UserError
from assistant.soundcheck.findings import Findings
from assistant.soundcheck.measure import measure
from assistant.soundcheck.script import Sentences, Step, perform
from assistant.soundcheck.take import TapedFrontEnd

READY_WITHIN_S = 15.0

E = TypeVar("E", bound=Event)


class LiveStage:
    """The devices, on their own thread; a context manager. Raises UserError where one is missing."""

    def __init__(self, front_end: TapedFrontEnd, playout: Playout, options: LoopOptions) -> None:
        self.playout = playout
        self.front_end = front_end
        self.names: dict[Device, str] = {}
        self._changed = threading.Condition()
        self._events: deque[Event] = deque()
        self._lost: DeviceLost | None = None
        self._loop = AudioLoop(playout, front_end, self._on_frame, self._on_event, options)

    def __enter__(self) -> "LiveStage":
        self._loop.start()
        try:
            with self._changed:
                if not self._changed.wait_for(lambda: len(self.names) == len(Device) or self._lost, READY_WITHIN_S):
                    raise UserError("The sound devices do not open: `parley doctor` tells more about them.")
                self._complain()
        except UserError:
            self._loop.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.close()

    @property
    def output_latency_s(self) -> float:
        """As in `script.Stage`."""
        return self._loop.output_latency_s or 0.0

    def now(self) -> float:
        """As in `script.Stage`."""
        return now()

    def wait(self, seconds: float) -> None:
        """As in `script.Stage`."""
        with self._changed:
            self._changed.wait_for(lambda: self._lost, seconds)
            self._complain()

    def wait_for(self, kind: type[E], check: Callable[[E], bool], seconds: float) -> E | None:
        """As in `script.Stage`."""
        with self._changed:
            self._changed.wait_for(lambda: self._lost or _first(self._events, kind, check), seconds)
            self._complain()
            return _first(self._events, kind, check)

    def _complain(self) -> None:
        if self._lost is not None:
            raise UserError(self._lost.message)

    def _on_frame(self, frame: FrontEndFrame) -> None:
        for event in frame.events:
            self._on_event(event)

    def _on_event(self, event: Event) -> None:
        with self._changed:
            if isinstance(event, DeviceReady):
                self.names[event.device] = event.name
            elif isinstance(event, DeviceLost):
                self._lost = event
            self._events.append(event)
            self._changed.notify_all()


class RoomStage:
    """A simulated room in virtual time. `user` is what the user says, from when it is their turn on."""

    output_latency_s = 0.0

    def __init__(self, room: Room, front_end: TapedFrontEnd | None = None) -> None:
        self.playout = Playout(SAMPLE_RATE)
        self.front_end = front_end or TapedFrontEnd()
        self.user: Pcm | Floats = np.zeros(0, dtype=np.int16)
        """int16 or float32, 16 kHz, as loud as it is at the microphone; what of it was said is taken away."""
        self._room = room
        self._frames = 0
        self._events: deque[Event] = deque()

    def now(self) -> float:
        """As in `script.Stage`."""
        return self._frames * FRAME_S

    def wait(self, seconds: float) -> None:
        """As in `script.Stage`."""
        until = self.now() + seconds - FRAME_S / 2
        while self.now() < until:
            self._step()

    def wait_for(self, kind: type[E], check: Callable[[E], bool], seconds: float) -> E | None:
        """As in `script.Stage`."""
        until = self.now() + seconds
        while (found := _first(self._events, kind, check)) is None and self.now() < until:
            self._step()
        return found

    def _step(self) -> None:
        played = self.playout.render(FRAME, self.now())
        said, self.user = self.user[:FRAME], self.user[FRAME:]
        heard = self._room.step(played, said if said.size == FRAME else None)
        self._frames += 1
        self._events.extend(self.playout.poll())
        self._events.extend(self.front_end.process(heard, played, self.now()).events)


def check_room(options: RoomOptions, sentences: Sentences, user: Pcm | Floats | None = None) -> Findings:
    """A whole sound check in a simulated room. `user`: what the user says when asked, as loud as at the microphone."""
    stage = RoomStage(Room(options))

    def tell(step: Step) -> None:
        if step is Step.VOICE and user is not None:
            stage.user = user

    return measure(perform(stage, sentences, tell), "simulated room", "simulated room", at=0.0)


def _first(events: deque[Event], kind: type[E], check: Callable[[E], bool]) -> E | None:
    return next((event for event in events if isinstance(event, kind) and check(event)), None)
