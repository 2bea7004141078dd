"""Sound devices in the hands of a test, and a live session on them and on fake engines."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from assistant.audio.echo import Method
from assistant.audio.frontend import FrontEndFrame
from assistant.audio.pcm import FRAME, FRAME_S, Pcm
from assistant.audio.playout import Playout, Segment
from assistant.core.events import Device, DeviceLost, DeviceReady, Event, SpeechStarted, SpeechStopped
from assistant.engines.fakes import FakeMind, FakeRecogniser, FakeStopSpotter, FakeVoice
from assistant.session.ear import Ear
from assistant.session.live import LiveSession
from assistant.session.setup import Setup
from assistant.session.snapshot import Snapshot
from assistant.session.speculation import Speculation
from assistant.settings import Settings
from assistant.store import Store

PATIENCE_S = 30.0
"""How long a test waits for what has to come; long, because the machine may be busy."""
RATE = 48_000
MISSING = "There is no {}."
ONSET_FRAMES = 6
SETTINGS = Settings(endpoint_silence_s=0.2, endpoint_patience_s=0.2, interrupted_shown_s=0.2, preroll_s=0.2)


class WatchedPlayout(Playout):
    """A playout that can be waited for."""

    def __init__(self) -> None:
        super().__init__(RATE)
        self.changed = threading.Condition()
        self.queued: list[tuple[int, int]] = []
        """Epoch and sentence of all that was queued."""

    def queue(self, segment: Segment) -> None:
        super().queue(segment)
        with self.changed:
            self.queued.append((segment.epoch, segment.sentence))
            self.changed.notify_all()

    def await_queued(self, holds: Callable[[list[tuple[int, int]]], bool]) -> None:
        """Wait until `holds` of what has been queued."""
        with self.changed:
            assert self.changed.wait_for(lambda: bool(self.queued) and holds(self.queued), PATIENCE_S), self.queued


class FakeSound:
    """A microphone that hears what the test says, and a loudspeaker.

    With `plays` the loudspeaker plays whatever is queued, at once; without, the test plays with `render`.
    """

    def __init__(
        self,
        microphone: str | None = "desk microphone",
        loudspeaker: str | None = "desk loudspeaker",
        *,
        plays: bool = True,
    ) -> None:
        self.playout = WatchedPlayout()
        self.gates: list[bool] = []
        """All that was asked of the gate; True closes it."""
        self.method = Method.LINEAR
        self.closed = 0
        self.names = {Device.MICROPHONE: microphone, Device.LOUDSPEAKER: loudspeaker}
        self._ending = threading.Event()
        self._heard_until = 0.0
        self._thread = threading.Thread(target=self._play, daemon=True) if plays else None

    # What the session asks.

    def start(self, on_frame: Callable[[FrontEndFrame], None], on_event: Callable[[Event], None]) -> None:
        self._on_frame, self._on_event = on_frame, on_event
        for device, name in self.names.items():
            if name is None:
                self.lose(device, MISSING.format(device))
            else:
                self.find(device, name)
        if self._thread is not None:
            self._thread.start()

    def set_muted(self, muted: bool) -> None:
        self.gates.append(muted)

    def close(self) -> None:
        self.closed += 1
        with self.playout.changed:
            self._ending.set()
            self.playout.changed.notify_all()
        if self._thread is not None and self._thread.is_alive():
            self._thread.join()

    # What the test does.

    @staticmethod
    def now() -> float:
        """Seconds on the session's time line."""
        return time.monotonic()

    def find(self, device: Device, name: str) -> None:
        self._on_event(DeviceReady(time.monotonic(), device, name))

    def lose(self, device: Device, message: str) -> None:
        self._on_event(DeviceLost(time.monotonic(), device, message))

    def user_says(self, seconds: float, *, ends: bool = True) -> None:
        """Deliver the last `seconds` of sound as the microphone would: voice, with half a second of quiet before."""
        quiet, voiced = 50, round(seconds / FRAME_S)
        began = max(self._heard_until, time.monotonic() - (quiet + voiced) * FRAME_S)
        onset = began + quiet * FRAME_S
        for number in range(1, quiet + voiced + 1):
            at = began + number * FRAME_S
            events: tuple[Event, ...] = ()
            if number == quiet + ONSET_FRAMES:
                events = (SpeechStarted(at, onset),)
            elif ends and number == quiet + voiced:
                events = (SpeechStopped(at, at),)
            self.hear(at, -30.0 if number > quiet else -70.0, events)

    def hear(self, at: float, level_dbfs: float = -70.0, events: tuple[Event, ...] = ()) -> None:
        """Deliver one frame that ended at `at`."""
        self._heard_until = at
        self._on_frame(FrontEndFrame(np.zeros(FRAME, np.int16), at, level_dbfs, -50.0, events, self.method))

    def render(self, seconds: float) -> Pcm:
        """Play `seconds` and report what happened meanwhile; returns what was played."""
        blocks = []
        for _ in range(max(1, round(seconds / FRAME_S))):
            blocks.append(self.playout.render(round(RATE * FRAME_S), time.monotonic()))
            for event in self.playout.poll():
                self._on_event(event)
        return np.concatenate(blocks)

    def _play(self) -> None:
        while not self._ending.is_set():
            with self.playout.changed:
                self.playout.changed.wait_for(lambda: self._ending.is_set() or not self.playout.idle)
            while not self._ending.is_set() and not self.playout.idle:
                self.render(FRAME_S)


class Watch:
    """A listener that can be waited on; it goes through the snapshots in order and misses none."""

    def __init__(self) -> None:
        self.seen: list[Snapshot] = []
        self._next = 0
        self._changed = threading.Condition()

    def __call__(self, snapshot: Snapshot, /) -> None:
        with self._changed:
            self.seen.append(snapshot)
            self._changed.notify_all()

    def until(self, holds: Callable[[Snapshot], bool]) -> Snapshot:
        """The first snapshot, of those from the last one returned on, for which `holds`."""
        with self._changed:
            came = self._changed.wait_for(lambda: self._advance(holds), PATIENCE_S)
            assert came, f"it did not come to that; last: {self.seen[-1:]}"
            return self.seen[self._next]

    def _advance(self, holds: Callable[[Snapshot], bool]) -> bool:
        while self._next < len(self.seen):
            if holds(self.seen[self._next]):
                return True
            self._next += 1
        return False

    def notices(self) -> list[str]:
        """The texts of all notices of the latest snapshot."""
        return [notice.text for notice in self.seen[-1].notices]


@dataclass
class Live:
    """A session under test and what it runs on."""

    session: LiveSession
    sound: FakeSound
    mind: FakeMind
    voice: FakeVoice
    watch: Watch

    @staticmethod
    def watch_for(holds: Callable[[], bool]) -> None:
        """Wait until `holds`, of something that tells nobody of its changes."""
        ends = time.monotonic() + PATIENCE_S
        pause = threading.Event()
        while not holds():
            assert time.monotonic() < ends, "it did not come to that"
            pause.wait(0.002)

    def ask(self, text: str) -> Snapshot:
        """Type `text` and wait until a reply to it is done."""
        turns = len(self.session.snapshot.turns)
        self.session.say(text)
        return self.watch.until(lambda s: len(s.turns) >= turns + 2 and done(s))


def done(snapshot: Snapshot) -> bool:
    """True where no reply is on its way."""
    return bool(snapshot.turns) and snapshot.turns[-1].status != "writing"


def settled(snapshot: Snapshot, sound: FakeSound) -> bool:
    """True where each engine is ready or has failed, and each device was found or missed."""
    found = {snapshot.microphone, snapshot.loudspeaker, *(notice.text for notice in snapshot.notices)}
    return all(engine.ready or engine.failed for engine in snapshot.engines) and all(
        (name or MISSING.format(device)) in found for device, name in sound.names.items()
    )


@contextmanager
def live(
    mind: FakeMind | None = None,
    voice: FakeVoice | None = None,
    heard: tuple[str, ...] = (),
    *,
    sound: FakeSound | None = None,
    stop_words: FakeStopSpotter | None = None,
    load_ear: Callable[[], Ear] | None = None,
    store: Store | None = None,
    settings: Settings = SETTINGS,
    speculation: Speculation | None = None,
) -> Iterator[Live]:
    """A session, started and with its engines loaded; `heard` is what the recogniser hears. No thread survives it."""
    before = set(threading.enumerate())
    mind, voice, sound = mind or FakeMind(["Hello to you."]), voice or FakeVoice(), sound or FakeSound()
    session = LiveSession(
        Setup.of(settings),
        sound,
        mind,
        voice,
        load_ear or (lambda: Ear(FakeRecogniser(heard), stop_words, settings.preroll_s)),
        time.monotonic,
        time.time() - time.monotonic(),
        store,
        speculation or Speculation(on_battery=lambda: False),
    )
    watch = Watch()
    session.subscribe(watch)
    try:
        session.start()
        watch.until(lambda snapshot: settled(snapshot, sound))
        yield Live(session, sound, mind, voice, watch)
    finally:
        session.close()
    assert set(threading.enumerate()) <= before
