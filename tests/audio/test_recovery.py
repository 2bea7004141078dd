"""Device recovery with a fake sound system: what is opened, what is said, and how often anything is disturbed."""

from collections.abc import Callable

import pytest

from assistant.audio.device_watch import DeviceWatch, WatchOptions
from assistant.audio.devices import DeviceError, Listing, choose
from assistant.audio.recovery import SILENT_FOR_S, Recovery
from assistant.core.events import Device, DeviceLost, DeviceReady

MIC, SPEAKER = Device.MICROPHONE, Device.LOUDSPEAKER
BUILT_IN = Listing(("built-in mic",), ("built-in speaker",), "built-in mic", "built-in speaker")
WITH_HEADSET = Listing(
    ("built-in mic", "headset mic"), ("built-in speaker", "headset"), "built-in mic", "built-in speaker"
)
HEADSET_DEFAULT = Listing(("built-in mic", "headset mic"), ("built-in speaker", "headset"), "headset mic", "headset")
NOTHING = Listing()


class FakePair:
    """Devices that come and go: `there` is the truth, `known` what the sound system knew when it was initialised."""

    def __init__(self, there: Listing) -> None:
        self.there = self.known = there
        self.broken = ""
        self.refuses: set[str] = set()
        self.opened: dict[Device, str] = {}
        self.interrupted = 0
        """How often a stream that worked was taken away."""

    def renew(self) -> None:
        self.interrupted += sum(self.alive(device) for device in Device)
        self.opened.clear()
        self.known = NOTHING
        if self.broken:
            raise DeviceError(self.broken)
        self.known = self.there

    def open(self, device: Device, wanted: str | None) -> str:
        for name in (self.known.choice(device, wanted), self.known.choice(device, None)):
            if name is not None and name in self.names() and name not in self.refuses:
                self.opened[device] = name
                return name
        raise DeviceError(f"no {device}")

    def alive(self, device: Device) -> bool:
        return self.opened.get(device) in self.names()

    def close(self, device: Device) -> None:
        self.opened.pop(device, None)

    def shut(self) -> None:
        self.opened.clear()

    def names(self) -> tuple[str, ...]:
        return (*self.there.inputs, *self.there.outputs)


class FakeWatch(DeviceWatch):
    """A watch that looks when it is told to."""

    def __init__(self, pair: FakePair) -> None:
        super().__init__(lambda: pair.there, WatchOptions())
        self.found: Listing | None = None
        self.hurried = 0

    def first(self) -> Listing:
        return self._look()

    def hurry(self) -> None:
        self.hurried += 1

    def take(self) -> Listing | None:
        found, self.found = self.found, None
        return found

    def look(self) -> None:
        self.found = self._look()


class World:
    """Recovery on a fake pair, with clocks that are turned by hand."""

    def __init__(self, there: Listing, microphone: str | None = None, loudspeaker: str | None = None) -> None:
        self.pair = FakePair(there)
        self.watch = FakeWatch(self.pair)
        self.now = 100.0
        self.asleep = 0.0
        self.events: list[DeviceReady | DeviceLost] = []
        wanted = {MIC: microphone, SPEAKER: loudspeaker}
        self.recovery = Recovery(
            self.pair, wanted, self.watch, self.events.append, lambda: self.now, lambda: self.now + self.asleep
        )
        self.recovery.begin()

    def said(self) -> list[str]:
        """What was reported since the last call: `device name` where one is ready, `-device` where it is lost."""
        said = [f"-{e.device}" if isinstance(e, DeviceLost) else f"{e.device} {e.name}" for e in self.events]
        self.events.clear()
        return said

    def run(self, seconds: float, quiet: bool = True, look_every: int = 5) -> None:
        for tick in range(round(seconds * 10)):
            self.now += 0.1
            if tick % look_every == 0:
                self.watch.look()
            self.recovery.check(quiet)


def test_what_changes_is_said() -> None:
    world = World(WITH_HEADSET, loudspeaker="headset")
    assert [event.message for event in world.events] == ["", ""]
    world.events.clear()
    world.pair.there = BUILT_IN
    world.run(1.0)
    world.pair.there = WITH_HEADSET
    world.run(1.0)
    world.pair.there = NOTHING
    world.run(3.0)
    world.pair.there = WITH_HEADSET
    world.run(3.0)
    assert [event.message for event in world.events] == [
        "The loudspeaker headset is not there: Parley speaks through built-in speaker until it is.",
        "Parley now speaks through headset.",
        "The microphone built-in mic went silent. Plug it in again; Parley takes it up by itself.",
        "The loudspeaker headset went away. Plug it in again; Parley takes it up by itself.",
        "The microphone built-in mic works.",
        "The loudspeaker headset works.",
    ]


def test_the_wanted_devices_are_opened_or_the_default_ones() -> None:
    world = World(WITH_HEADSET, microphone="headset mic", loudspeaker="gone")
    assert world.said() == ["microphone headset mic", "loudspeaker built-in speaker"]


def test_as_long_as_nothing_happens_nothing_is_disturbed() -> None:
    world = World(BUILT_IN)
    world.said()
    world.run(60.0)
    assert world.said() == []
    assert world.pair.interrupted == 0


def test_a_missing_microphone_does_not_disturb_the_loudspeaker() -> None:
    world = World(Listing((), ("built-in speaker",), None, "built-in speaker"))
    assert world.said() == ["loudspeaker built-in speaker", "-microphone"]
    world.run(120.0)
    assert world.said() == []
    assert world.pair.interrupted == 0


def test_when_the_wanted_device_vanishes_the_default_one_takes_over_at_once_and_hands_back() -> None:
    world = World(WITH_HEADSET, "headset mic", "headset")
    world.said()
    world.pair.there = BUILT_IN
    world.run(0.1)
    assert world.said() == ["microphone built-in mic", "loudspeaker built-in speaker"]
    assert world.watch.hurried == 2
    world.run(5.0)
    assert world.said() == []
    world.pair.there = WITH_HEADSET
    world.run(1.0)
    assert world.said() == ["microphone headset mic", "loudspeaker headset"]


def test_a_default_device_that_vanishes_is_followed_by_the_new_default_one_within_two_seconds() -> None:
    world = World(HEADSET_DEFAULT)
    world.said()
    world.pair.there = BUILT_IN
    world.run(2.0)
    assert world.pair.opened == {MIC: "built-in mic", SPEAKER: "built-in speaker"}
    assert world.said()[-2:] == ["microphone built-in mic", "loudspeaker built-in speaker"]


def test_nobody_is_interrupted_for_the_sake_of_a_better_device() -> None:
    world = World(BUILT_IN, loudspeaker="headset")
    world.said()
    world.pair.there = WITH_HEADSET
    world.run(10.0, quiet=False)
    assert world.said() == []
    world.run(0.1)
    assert world.said() == ["loudspeaker headset"]


def test_a_device_that_nobody_wants_disturbs_nothing() -> None:
    world = World(BUILT_IN)
    world.pair.there = WITH_HEADSET
    world.run(20.0)
    assert world.pair.interrupted == 0


def test_a_sound_server_that_restarts_quickly_is_not_even_mentioned() -> None:
    world = World(BUILT_IN)
    world.said()
    world.pair.there = NOTHING
    world.run(SILENT_FOR_S / 2)
    world.pair.there = BUILT_IN
    world.run(1.0)
    assert world.said() == []
    assert world.pair.opened == {MIC: "built-in mic", SPEAKER: "built-in speaker"}


def test_a_sound_server_that_stays_away_is_reported_once_and_taken_up_again() -> None:
    world = World(BUILT_IN)
    world.said()
    world.pair.there = NOTHING
    world.run(30.0)
    assert world.said() == ["-microphone", "-loudspeaker"]
    world.pair.there = BUILT_IN
    world.run(1.0)
    assert world.said() == ["microphone built-in mic", "loudspeaker built-in speaker"]


def test_a_device_that_is_listed_and_refuses_does_not_disturb_the_other_one_for_ever() -> None:
    world = World(BUILT_IN)
    world.pair.refuses.add("built-in mic")
    world.pair.close(MIC)
    world.run(120.0)
    assert world.pair.interrupted <= 3
    world.pair.refuses.clear()
    world.run(20.0)
    assert world.pair.opened[MIC] == "built-in mic"


@pytest.mark.parametrize("asleep_s", [3600.0, -3600.0])
def test_after_suspension_both_are_opened_again(asleep_s: float) -> None:
    world = World(BUILT_IN)
    world.run(1.0)
    world.said()
    world.asleep = asleep_s
    world.run(1.0)
    assert world.pair.interrupted == 2
    assert world.said() == []
    assert world.pair.opened == {MIC: "built-in mic", SPEAKER: "built-in speaker"}


def test_after_a_gap_of_the_clock_itself_too() -> None:
    world = World(BUILT_IN)
    world.run(1.0)
    world.now += 30.0
    world.run(0.1)
    assert world.pair.interrupted == 2


def test_a_sound_system_that_does_not_start_again_is_reported() -> None:
    world = World(BUILT_IN)
    world.run(1.0)
    world.said()
    world.pair.broken = "The sound system does not start."
    world.asleep = 100.0
    world.run(30.0)
    lost = [event.message for event in world.events if isinstance(event, DeviceLost)]
    assert lost == ["The sound system does not start."] * 2
    world.pair.broken = ""
    world.run(1.0)
    assert world.pair.opened == {MIC: "built-in mic", SPEAKER: "built-in speaker"}


def test_where_a_look_shows_that_there_is_no_sound_system_it_is_not_initialised_at_all() -> None:
    def fail() -> Listing:
        raise DeviceError("crashed")

    pair = FakePair(BUILT_IN)
    pair.renew = _never  # type: ignore[method-assign]  # the fake's own method is what must not be called
    events: list[DeviceReady | DeviceLost] = []
    watch = DeviceWatch(fail)
    recovery = Recovery(pair, {MIC: None, SPEAKER: None}, watch, events.append)
    recovery.begin()
    recovery.check(quiet=True)
    watch.close()
    assert [event.message for event in events if isinstance(event, DeviceLost)] == ["crashed", "crashed"]


def _never() -> None:
    raise AssertionError("initialised")


@pytest.mark.parametrize(
    ("wanted", "chosen"), [("b", "b"), ("B", "b"), ("lon", "a long one"), ("x", "c"), (None, "c"), ("", "c")]
)
def test_a_name_is_found_whole_in_part_or_not(wanted: str | None, chosen: str) -> None:
    assert choose(["a long one", "b", "c"], wanted, "c") == chosen


def test_without_devices_there_is_no_choice() -> None:
    assert choose([], "a", "a") is None


def test_looking_is_hurried_and_then_becomes_rare() -> None:
    patience: Callable[[float], float] = WatchOptions().patience_s
    assert [patience(elapsed) for elapsed in (0.0, 2.0, 8.0, 3600.0)] == [0.5, 0.5, 2.0, 15.0]
