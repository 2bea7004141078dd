"""Which sound devices there are now, looked up in a child process.

PortAudio sees the devices that were there when it was initialised, and initialising it again takes all streams away.
And it ends the process where ALSA's own files are missing. A child has none of these troubles: it looks, and the
streams are disturbed only when there is something new.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from assistant.audio.devices import DeviceError, Listing
from assistant.audio.streams import now
from assistant.probe import ProbeError, ask

LOOK_WITHIN_S = 10.0
JOIN_WITHIN_S = 2.0

Look = Callable[[], Listing]


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """How often to look; a look costs some 60 ms of CPU time."""

    soonest_s: float = 0.5
    """After something went wrong."""
    latest_s: float = 15.0
    """When nothing has happened for a while."""

    def patience_s(self, elapsed_s: float) -> float:
        """How long to wait before the next try, so long after the trouble began: what stays away is hurried less."""
        return min(self.latest_s, max(self.soonest_s, elapsed_s / 4.0))


def look() -> Listing:
    """The devices that PortAudio sees in a new process; takes some 0.3 s. Raises DeviceError."""
    try:
        found = ask("sound", timeout_s=LOOK_WITHIN_S)
    except ProbeError as error:
        raise DeviceError(f"The sound system does not start ({error}); `parley doctor` tells more about it.") from error
    return Listing(tuple(found["inputs"]), tuple(found["outputs"]), found["default_input"], found["default_output"])


class DeviceWatch:
    """Looks again and again on a thread of its own; the latest finding waits to be taken."""

    def __init__(self, look: Look = look, options: WatchOptions | None = None) -> None:
        self.options = options or WatchOptions()
        self._look = look
        self._hurry = threading.Event()
        self._closing = False
        self._latest: Listing | None = None
        self._thread = threading.Thread(target=self._run, name="device watch", daemon=True)

    def first(self) -> Listing:
        """Look now, and begin to look again and again. Raises DeviceError."""
        self._thread.start()
        return self._look()

    def hurry(self) -> None:
        """A device went away: look at once, and often for a while."""
        self._hurry.set()

    def take(self) -> Listing | None:
        """What was found since the last call, if anything; one thread only."""
        found, self._latest = self._latest, None
        return found

    def close(self) -> None:
        """End the thread; a look that is under way is left to end by itself."""
        self._closing = True
        self._hurry.set()
        if self._thread.is_alive():
            self._thread.join(JOIN_WITHIN_S)

    def _run(self) -> None:
        hurried_at = now()
        while True:
            if self._hurry.wait(self.options.patience_s(now() - hurried_at)):
                self._hurry.clear()
                hurried_at = now()
            if self._closing:
                return
            try:
                self._latest = self._look()
            except DeviceError:
                self._latest = Listing()  # as good as no device, until the next look
