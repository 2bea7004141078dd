"""The audio thread: runs the front end on every frame, reports events, and has the devices seen to."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from assistant.audio.device_watch import DeviceWatch
from assistant.audio.frontend import FrontEnd, FrontEndFrame
from assistant.audio.pcm import FRAME, FRAME_S, SAMPLE_RATE, Pcm, Resampler
from assistant.audio.playout import Playout
from assistant.audio.recovery import Recovery
from assistant.audio.reference import ReferenceLine, StreamClock
from assistant.audio.streams import LoudspeakerStream, MicrophoneStream, SoundPair, StreamOptions, now
from assistant.audio.vad import State
from assistant.core.events import Device, DeviceLost, DeviceReady, Event

TICK_S = 0.005
CHECK_EVERY_S = 0.1
JOIN_WITHIN_S = 5.0


@dataclass(frozen=True, slots=True)
class LoopOptions:
    """Which devices, and how their streams are opened."""

    microphone: str | None = None
    """Name; None or a name that is not there means the system's default."""
    loudspeaker: str | None = None
    stream: StreamOptions = field(default_factory=StreamOptions)


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
        watch: DeviceWatch | None = None,
    ) -> None:
        options = options or LoopOptions()
        self._playout = playout
        self._front_end = front_end
        self._on_frame = on_frame
        self._on_event = on_event
        self._pair = SoundPair(playout, options.stream)
        wanted = {Device.MICROPHONE: options.microphone, Device.LOUDSPEAKER: options.loudspeaker}
        self._recovery = Recovery(self._pair, wanted, watch or DeviceWatch(), self._on_device)
        self._ears: _Ears | None = None
        self._speaker: LoudspeakerStream | None = None
        self._speaker_lost = False
        self._reference = ReferenceLine(SAMPLE_RATE)
        self._check_at = 0.0
        self._rendered_until = 0.0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mic", daemon=True)

    @property
    def output_latency_s(self) -> float | None:
        """How long after it is rendered our voice is heard, as the loudspeaker says; None without one."""
        speaker = self._speaker
        return None if speaker is None else speaker.ahead_s

    def start(self) -> None:
        """Open the devices in the background and begin."""
        self._thread.start()

    def close(self) -> None:
        """Stop and release the devices."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(JOIN_WITHIN_S)

    def _run(self) -> None:
        self._rendered_until = now()
        self._recovery.begin()
        self._use_streams()
        while not self._stopping.wait(TICK_S):
            at = now()
            self._take_played(at)
            self._take_heard()
            for event in self._playout.poll(at):
                self._on_event(event)
            if at >= self._check_at:
                self._recovery.check(quiet=self._playout.idle and self._front_end.vad.state is State.QUIET)
                self._use_streams()
                self._check_at = now() + CHECK_EVERY_S
        self._recovery.end()

    def _on_device(self, event: DeviceReady | DeviceLost) -> None:
        if event.device is Device.LOUDSPEAKER:
            self._speaker_lost = isinstance(event, DeviceLost)
            if self._speaker_lost:
                self._rendered_until = now()
                self._playout.restart(self._playout.rate, self._rendered_until)
        self._on_event(event)

    def _use_streams(self) -> None:
        """Turn to the streams that are open now; another stream has another time line."""
        microphone, loudspeaker = self._pair.microphone, self._pair.loudspeaker
        if (self._ears and self._ears.stream) is not microphone:
            self._ears = _Ears(microphone) if microphone is not None else None
            self._front_end.disturbed()
        if self._speaker is not loudspeaker:
            self._speaker = loudspeaker
            self._reference = ReferenceLine(SAMPLE_RATE if loudspeaker is None else loudspeaker.rate)
            self._front_end.disturbed()

    def _take_played(self, at: float) -> None:
        if self._speaker is None:
            if self._speaker_lost:  # else it will be back in a moment, and our voice waits for it
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
