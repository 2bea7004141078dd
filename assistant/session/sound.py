"""The sound devices as the live session uses them."""

from collections.abc import Callable

from assistant.audio.frontend import FrontEnd, FrontEndFrame
from assistant.audio.loop import AudioLoop, LoopOptions
from assistant.audio.playout import Playout
from assistant.audio.streams import StreamOptions
from assistant.core.events import Device, DeviceReady, Event
from assistant.session.setup import Setup
from assistant.soundcheck.apply import Tuning

DEVICE_RATE = 48_000
"""Hz; the player is told the real rate when a loudspeaker opens."""


class DeviceSound:
    """Microphone, loudspeaker, front end and player on their own thread."""

    def __init__(self, setup: Setup) -> None:
        self.playout = Playout(DEVICE_RATE, setup.playout)
        self._setup = setup
        self._front_end: FrontEnd | None = None
        self._loop: AudioLoop | None = None
        self._tuning = Tuning(setup.settings, wanted=setup.settings.use_sound_check)
        self._names: dict[Device, str] = {}
        self._muted = False

    def start(self, on_frame: Callable[[FrontEndFrame], None], on_event: Callable[[Event], None]) -> None:
        """Open the devices; what they deliver comes on the microphone's thread."""
        settings = self._setup.settings
        self._front_end = self._setup.front_end()
        self._front_end.set_gate(self._muted)
        options = LoopOptions(
            microphone=settings.microphone or None,
            loudspeaker=settings.loudspeaker or None,
            stream=StreamOptions(block_ms=settings.block_ms),
        )

        def on_any_event(event: Event) -> None:
            if isinstance(event, DeviceReady):
                self._tune(event)
            on_event(event)

        self._loop = AudioLoop(self.playout, self._front_end, on_frame, on_any_event, options)
        self._loop.start()

    def _tune(self, event: DeviceReady) -> None:
        """Use what a sound check found on the devices that are open now; on the microphone's thread."""
        self._names[event.device] = event.name
        if self._front_end is not None and len(self._names) == len(Device):
            self._tuning.use(self._front_end, self._names[Device.MICROPHONE], self._names[Device.LOUDSPEAKER])

    def set_muted(self, muted: bool) -> None:
        """Close or open the microphone's gate; it is remembered until the microphone is open."""
        self._muted = muted
        if self._front_end is not None:
            self._front_end.set_gate(muted)

    def close(self) -> None:
        """Close the devices."""
        if self._loop is not None:
            self._loop.close()
