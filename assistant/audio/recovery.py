"""Keeps a microphone and a loudspeaker open, whatever happens to the devices.

A device that stops working is opened again at once, or the default one in its place; if that takes long, it is reported
lost. PortAudio is initialised again only when a look in a child process shows that this brings something: a device that
is missing has come, or a better one than that in use, and then not in the middle of a word.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from assistant.audio.device_watch import DeviceWatch
from assistant.audio.devices import DeviceError, Listing
from assistant.audio.streams import now
from assistant.core.events import Device, DeviceLost, DeviceReady

SILENT_FOR_S = 1.0
"""A device may be away for so long before anybody is told."""
SLEPT_S = 2.0
"""A gap or a jump of the clocks of this size: the computer was suspended."""
RENEWALS = 3
"""So often PortAudio is initialised again for a device that is there and cannot be opened."""

LOST = {
    Device.MICROPHONE: "The microphone {name} went silent. Plug it in again; Parley takes it up by itself.",
    Device.LOUDSPEAKER: "The loudspeaker {name} went away. Plug it in again; Parley takes it up by itself.",
}

BACK = {
    Device.MICROPHONE: "The microphone {name} works.",
    Device.LOUDSPEAKER: "The loudspeaker {name} works.",
}
CHANGED = {
    Device.MICROPHONE: "Parley now hears you through {name}.",
    Device.LOUDSPEAKER: "Parley now speaks through {name}.",
}
NOT_THERE = {
    Device.MICROPHONE: "The microphone {wanted} is not there: Parley hears you through {name} until it is.",
    Device.LOUDSPEAKER: "The loudspeaker {wanted} is not there: Parley speaks through {name} until it is.",
}


class Pair(Protocol):
    """A microphone and a loudspeaker that can be opened and closed; none is open in the beginning."""

    def renew(self) -> None:
        """Close both and initialise the sound system (again). Raises DeviceError."""
        ...

    def open(self, device: Device, wanted: str | None) -> str:
        """Open the device called `wanted`, else the default one; return its name. Raises DeviceError."""
        ...

    def alive(self, device: Device) -> bool:
        """It is open and works."""
        ...

    def close(self, device: Device) -> None:
        """Close it, if it is open."""
        ...

    def shut(self) -> None:
        """Close everything."""
        ...


@dataclass(slots=True)
class _Absence:
    """A device that is not open."""

    since: float
    message: str
    try_at: float = 0.0
    told: bool = False
    renewals: int = 0


class Recovery:
    """One thread calls `begin`, then `check` every now and then, then `end`. Events go to `on_event`."""

    def __init__(
        self,
        pair: Pair,
        wanted: Mapping[Device, str | None],
        watch: DeviceWatch,
        on_event: Callable[[DeviceReady | DeviceLost], None],
        clock: Callable[[], float] = now,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """`wanted`: names of devices, None for the default one. `wall` goes on while the computer is suspended."""
        self._pair = pair
        self._wanted = wanted
        self._watch = watch
        self._on_event = on_event
        self._clock = clock
        self._wall = wall
        self._names: dict[Device, str] = {}
        self._absent: dict[Device, _Absence] = {}
        self._seen = Listing()
        """What PortAudio knows, or need not know because it would change nothing."""
        self._news: Listing | None = None
        """What was found and is waiting for a moment of quiet."""
        self._checked: tuple[float, float] | None = None

    def begin(self) -> None:
        """Open both devices. What is not there is reported at once."""
        try:
            self._seen = self._watch.first()
        except DeviceError as error:
            for device in Device:
                self._absent[device] = _Absence(self._clock(), str(error))
        else:
            self._renew()
        self._report(patient_s=0.0)

    def check(self, quiet: bool) -> None:
        """See to both devices. `quiet`: nobody speaks, so that a short interruption is not noticed."""
        if self._slept():
            self._renew()
        for device in Device:
            if device not in self._absent and not self._pair.alive(device):
                self._pair.close(device)
                self._absent[device] = _Absence(self._clock(), LOST[device].format(name=self._names[device]))
                self._watch.hurry()
        self._follow(quiet)
        for device, absence in list(self._absent.items()):
            if self._clock() >= absence.try_at:
                self._open(device)
        self._report(SILENT_FOR_S)
        self._checked = self._clock(), self._wall()

    def end(self) -> None:
        """Close everything."""
        self._watch.close()
        self._pair.shut()

    def _slept(self) -> bool:
        if self._checked is None:
            return False
        clock, wall = self._checked
        awake_s, passed_s = self._clock() - clock, self._wall() - wall
        return awake_s > SLEPT_S or abs(passed_s - awake_s) > SLEPT_S

    def _renew(self) -> None:
        """Initialise the sound system and open what is there. Playback goes on where it was, after a short pause."""
        try:
            self._pair.renew()
        except DeviceError as error:
            for device in Device:
                self._absent.setdefault(device, _Absence(self._clock(), str(error)))
            return
        for device in Device:
            self._open(device)

    def _open(self, device: Device) -> None:
        try:
            name = self._pair.open(device, self._wanted[device])
        except DeviceError as error:
            absence = self._absent.setdefault(device, _Absence(self._clock(), str(error)))
            at = self._clock()
            absence.try_at = at + self._watch.options.patience_s(at - absence.since)
            return
        absent = self._absent.pop(device, None)
        before = self._names.get(device)
        self._names[device] = name
        told = absent is not None and absent.told
        if name != before or told:
            message = self._message(device, before, told).format(name=name, wanted=self._wanted[device])
            self._on_event(DeviceReady(self._clock(), device, name, message))

    def _message(self, device: Device, before: str | None, told: bool) -> str:
        """What the user is to be told of a device that is open now; `before`: the name of the one until now."""
        name, wanted = self._names[device], self._wanted[device]
        if wanted and wanted.casefold() not in name.casefold():
            return NOT_THERE[device]
        if before is not None and name != before:
            return CHANGED[device]
        return BACK[device] if told else ""

    def _report(self, patient_s: float) -> None:
        for device, absence in self._absent.items():
            if not absence.told and self._clock() - absence.since >= patient_s:
                absence.told = True
                self._on_event(DeviceLost(self._clock(), device, absence.message))

    def _follow(self, quiet: bool) -> None:
        """Initialise again if what was found makes a difference, and the moment is good."""
        self._news = self._watch.take() or self._news
        if self._news is None:
            return
        listing = self._news
        missing = [device for device in self._absent if self._choice(listing, device) is not None]
        if listing == self._seen:
            missing = [device for device in missing if self._still_hoping(device)]
            better = False
        else:
            better = any(self._choice(listing, device) != self._names.get(device) for device in Device)
        if missing or (better and quiet):
            self._seen, self._news = listing, None
            self._renew()
        elif not better:
            self._seen, self._news = listing, None

    def _still_hoping(self, device: Device) -> bool:
        """The device is listed as before, and opening it failed: perhaps it is not quite the same."""
        absence = self._absent[device]
        absence.renewals += 1
        return absence.renewals <= RENEWALS or len(self._absent) == len(Device)  # then nothing else is disturbed

    def _choice(self, listing: Listing, device: Device) -> str | None:
        return listing.choice(device, self._wanted[device])
