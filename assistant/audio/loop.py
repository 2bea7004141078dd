"""The audio thread: opens the devices, runs the front end on every frame, reports events, and survives lost devices."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from assistant.audio.devices import DeviceError, SoundSystem
from assistant.audio.frontend import FrontEnd, FrontEndFrame
from assistant.audio.pcm import FRAME, FRAME_S, SAMPLE_RATE, Pcm, Resampler
from assistant.audio.playout import Playout
from assistant.audio.reference import ReferenceLine, StreamClock
from assistant.audio.streams import LoudspeakerStream, MicrophoneStream, StreamOptions, now
from assistant.core.events import Device, DeviceLost, DeviceReady, Event

TICK_S = 0.005
CHECK_EVERY_S = 0.1
JOIN_WITHIN_S = 5.0

MICROPHONE_LOST = "The microphone {name} stopped delivering sound. Plug it in again; Parley takes it up by itself."
LOUDSPEAKER_LOST = "The loudspeaker {name} went away. Plug it in again; Parley takes it up by itself."


@dataclass(frozen=True, slots=True)
class LoopOptions:
    """Which devices, and how they are watched."""

    microphone: str | None = None
    """Name; None or a name that is not there means the system's default."""
    loudspeaker: str | None = None
    stream: StreamOptions = field(default_factory=StreamOptions)
    retry_s: float = 3.0
    """Look for missing devices this often while there is none at all."""
    retry_half_s: float = 30.0
    """And this often while one of the two works: looking interrupts it for a moment."""


class AudioLoop:
    """One thread that owns both streams. `on_frame` and `on_event` are called on it, and never after `close`.

    `on_frame` gets every processed microphone frame, with its voice events. `on_event` gets playout events, when they
    are heard, and DeviceReady and DeviceLost. Both must return at once.
    """

    def __init__(
        self,
        playout: Playout,
        front_end: FrontEnd,
        on_frame: Callable[[FrontEndFrame], None],
        on_event: Callable[[Event], None],
        options: LoopOptions | None = None,
    ) -> None:
        self._playout = playout
        self._front_end = front_end
        self._on_frame = on_frame
        self._on_event = on_event
        self._options = options or LoopOptions()
        self._system: SoundSystem | None = None
        self._ears: _Ears | None = None
        self._speaker: LoudspeakerStream | None = None
        self._reference = ReferenceLine(SAMPLE_RATE)
        self._missing: set[Device] = set()
        self._check_at = 0.0
        self._retry_at = 0.0
        self._rendered_until = 0.0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mic", daemon=True)

    def start(self) -> None:
        """Open the devices in the background and begin."""
        self._thread.start()

    def close(self) -> None:
        """Stop and release the devices."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(JOIN_WITHIN_S)

    def _run(self) -> None:
        self._open()
        while not self._stopping.wait(TICK_S):
            at = now()
            self._take_played(at)
            self._take_heard()
            for event in self._playout.poll(at):
                self._on_event(event)
            if at >= self._check_at:
                self._check_at = at + CHECK_EVERY_S
                self._check(at)
        self._shut()

    def _open(self) -> None:
        self._rendered_until = now()
        try:
            self._system = SoundSystem()
        except DeviceError as error:
            self._lost(Device.MICROPHONE, str(error))
            self._lost(Device.LOUDSPEAKER, str(error))
        else:
            self._open_microphone(self._system)
            self._open_loudspeaker(self._system)
        self._schedule_retry()

    def _open_microphone(self, system: SoundSystem) -> None:
        try:
            device = system.choose_input(self._options.microphone)
            self._ears = _Ears(MicrophoneStream(system, device, self._options.stream))
        except DeviceError as error:
            self._lost(Device.MICROPHONE, str(error))
        else:
            self._found(Device.MICROPHONE, device.name)

    def _open_loudspeaker(self, system: SoundSystem) -> None:
        try:
            device = system.choose_output(self._options.loudspeaker)
            self._speaker = LoudspeakerStream(system, device, self._playout, self._options.stream)
        except DeviceError as error:
            self._lost(Device.LOUDSPEAKER, str(error))
        else:
            self._reference = ReferenceLine(self._speaker.rate)
            self._found(Device.LOUDSPEAKER, device.name)

    def _shut(self) -> None:
        if self._ears is not None:
            self._ears.stream.close()
            self._ears = None
        if self._speaker is not None:
            self._speaker.close()
            self._speaker = None
        self._reference = ReferenceLine(SAMPLE_RATE)
        if self._system is not None:
            self._system.close()
            self._system = None

    def _found(self, device: Device, name: str) -> None:
        self._missing.discard(device)
        self._on_event(DeviceReady(now(), device, name))

    def _lost(self, device: Device, message: str) -> None:
        if device not in self._missing:
            self._missing.add(device)
            self._on_event(DeviceLost(now(), device, message))

    def _take_played(self, at: float) -> None:
        if self._speaker is None:
            self._render_nowhere(at)
            return
        while (block := self._speaker.played()) is not None:
            if self._reference.wrote(block.pcm, block.at, block.xrun):
                self._front_end.disturbed()

    def _render_nowhere(self, at: float) -> None:
        """Without a loudspeaker time passes all the same, so that whatever is queued comes to its end."""
        frames = int((at - self._rendered_until) * self._playout.rate)
        self._playout.render(frames, self._rendered_until)
        self._rendered_until += frames / self._playout.rate

    def _take_heard(self) -> None:
        if self._ears is None:
            return
        for frame, began, jumped in self._ears.frames():
            resyncs = self._reference.resyncs
            reference = self._reference.take(began, FRAME, jumped)
            if jumped or self._reference.resyncs > resyncs:
                self._front_end.disturbed()
            self._on_frame(self._front_end.process(frame, reference, began + FRAME_S))

    def _check(self, at: float) -> None:
        if self._ears is not None and not self._ears.stream.alive():
            name = self._ears.stream.name
            self._ears.stream.close()
            self._ears = None
            self._lost(Device.MICROPHONE, MICROPHONE_LOST.format(name=name))
            self._schedule_retry()
        if self._speaker is not None and not self._speaker.alive():
            name = self._speaker.name
            self._speaker.close()
            self._speaker = None
            self._rendered_until = at
            self._playout.restart(self._playout.rate, at)
            self._lost(Device.LOUDSPEAKER, LOUDSPEAKER_LOST.format(name=name))
            self._schedule_retry()
        if self._missing and at >= self._retry_at and self._playout.idle:
            self._shut()
            self._open()

    def _schedule_retry(self) -> None:
        none_left = len(self._missing) == len(Device)
        self._retry_at = now() + (self._options.retry_s if none_left else self._options.retry_half_s)


class _Ears:
    """Turns the microphone's blocks into 10 ms frames at 16 kHz with times."""

    def __init__(self, stream: MicrophoneStream) -> None:
        self.stream = stream
        self._resampler = Resampler(stream.rate, SAMPLE_RATE)
        self._clock = StreamClock(stream.rate)
        self._pending: Pcm = np.zeros(0, dtype=np.int16)
        self._taken = 0

    def frames(self) -> list[tuple[Pcm, float, bool]]:
        """The frames that are ready: int16 of shape (FRAME,), when each began, and whether the time line jumped."""
        ready = []
        jumped = False
        while (block := self.stream.read()) is not None:
            jumped |= self._clock.count(block.pcm.size, block.at, block.xrun)
            self._pending = np.concatenate((self._pending, self._resampler.push(block.pcm)))
            while self._pending.size >= FRAME:
                ready.append((self._pending[:FRAME], self._clock.seconds(self._taken, SAMPLE_RATE), jumped))
                self._pending = self._pending[FRAME:]
                self._taken += FRAME
                jumped = False
        return ready
