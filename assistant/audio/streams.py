"""Microphone and loudspeaker: two PortAudio callback streams on one time line.

Never one duplex stream: over PulseAudio it sometimes delivers nothing. A callback copies and stamps, and nothing else.
The time line is `now()`; PortAudio's own times are laid on it in each callback.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyaudio

from assistant.audio.devices import DeviceError, SoundDevice, SoundSystem
from assistant.audio.pcm import SAMPLE_RATE
from assistant.audio.playout import Playout
from assistant.audio.ring import Block, BlockRing
from assistant.core.events import Device

RING_BLOCKS = 64
CLOSE_WITHIN_S = 1.0
IMPLAUSIBLE_S = 1.0
"""A sound system that does not know its times reports nonsense (often 0); then the stream's latency has to do."""
OLDEST_S = 0.08
"""What the microphone delivers is not older than this, though PulseAudio may claim half a second at first. A stamp
that is too late only makes the echo look later, which a canceller copes with; after a stamp that is too early, the echo
seems to come before its cause."""

Times = Mapping[str, float]
"""What PortAudio says about a block, on its own clock: current_time, input_buffer_adc_time, output_buffer_dac_time."""


@dataclass(frozen=True, slots=True)
class StreamOptions:
    """How streams are opened and watched."""

    block_ms: float = 20.0
    """Length of a block: shorter reacts faster, longer survives a busy machine."""
    lost_after_s: float = 1.5
    """No callback for so long: the device is gone. A sound server that wakes up can make a pause of a second."""
    first_within_s: float = 3.0
    """The same for the first callback."""


def now() -> float:
    """Seconds on the time line that all of audio shares."""
    return time.monotonic()


class _Stream:
    """What both streams have in common: opening, watching, closing."""

    def __init__(self, system: SoundSystem, device: SoundDevice, options: StreamOptions) -> None:
        self.name = device.name
        self.rate = 0
        """Hz that the device was opened with."""
        self._options = options
        self._system = system
        self._device = device
        self._channels = 1
        self._stream: Any = None
        self._last_callback = now()
        self._delivers = False
        self._latency_s = 0.0
        self.ahead_s = 0.0
        """How long after a callback the first sample of its block is heard, of late; negative for a microphone."""

    def _open(self, attempts: list[tuple[int, int]], callback: Callable[..., Any], **direction: Any) -> None:
        """Open with the first of `attempts` (rate, channels) that the device takes."""
        refusal: Exception | None = None
        for self.rate, self._channels in attempts:
            try:
                self._stream = self._system.open(
                    rate=self.rate,
                    channels=self._channels,
                    frames_per_buffer=self.block_samples,
                    stream_callback=callback,
                    start=False,
                    **direction,
                )
            except (OSError, ValueError) as error:
                refusal = error
            else:
                return
        raise self._refused(refusal) from refusal

    def _refused(self, reason: Exception | None) -> DeviceError:
        return DeviceError(
            f"The sound device {self.name} cannot be opened ({reason}); close other programs that use it, "
            "or choose another one in the settings."
        )

    @property
    def block_samples(self) -> int:
        """Samples of a block at the device's rate."""
        return round(self._options.block_ms * self.rate / 1000.0)

    def alive(self) -> bool:
        """The device still delivers. Not for the callback."""
        try:
            active = bool(self._stream.is_active())
        except OSError:
            active = False
        patience_s = self._options.lost_after_s if self._delivers else self._options.first_within_s
        return active and now() - self._last_callback < patience_s

    def close(self) -> None:
        """Stop and release the device; no callback comes after it. Never hangs: a stuck driver is left behind."""
        closer = threading.Thread(target=self._stream.close, name=f"close {self.name}", daemon=True)
        closer.start()
        closer.join(CLOSE_WITHIN_S)

    def _start(self) -> None:
        self._last_callback = now()
        try:
            self._stream.start_stream()
        except OSError as error:
            self.close()
            raise self._refused(error) from error

    def _heard_at(self, times: Times, key: str) -> float:
        """A PortAudio time on our time line."""
        self._last_callback = now()
        self._delivers = True
        ahead = times[key] - times["current_time"]
        self.ahead_s = max(-OLDEST_S, ahead if abs(ahead) < IMPLAUSIBLE_S else self._latency_s)
        return self._last_callback + self.ahead_s


class MicrophoneStream(_Stream):
    """Records; the blocks wait in a ring until `read`. Raises DeviceError if the device refuses."""

    def __init__(self, system: SoundSystem, device: SoundDevice, options: StreamOptions | None = None) -> None:
        super().__init__(system, device, options or StreamOptions())
        attempts = [(SAMPLE_RATE, 1), (device.rate, 1), (device.rate, device.input_channels)]
        self._open(attempts, self._callback, input=True, input_device_index=device.index)
        self._latency_s = -float(self._stream.get_input_latency())
        self._ring = BlockRing(RING_BLOCKS, self.block_samples)
        self._start()

    @property
    def overflows(self) -> int:
        """Blocks lost because nobody read them in time."""
        return self._ring.overflows

    def read(self) -> Block | None:
        """The oldest block (mono, at `rate`; `at` is when its first sample was heard), or None."""
        return self._ring.read()

    def _callback(self, data: bytes, _count: int, times: Times, status: int) -> tuple[None, int]:
        at = self._heard_at(times, "input_buffer_adc_time")
        pcm = np.frombuffer(data, dtype=np.int16)[:: self._channels]
        self._ring.write(pcm, at, bool(status & pyaudio.paInputOverflow))
        return None, pyaudio.paContinue


class LoudspeakerStream(_Stream):
    """Plays what a `Playout` renders, and keeps what was played, zeros included, for the echo canceller."""

    def __init__(
        self, system: SoundSystem, device: SoundDevice, playout: Playout, options: StreamOptions | None = None
    ) -> None:
        super().__init__(system, device, options or StreamOptions())
        attempts = [(device.rate, 1), (device.rate, 2)]
        if not playout.idle:  # what is playing goes on, if the new device takes it as it is
            attempts.insert(0, (playout.rate, 1))
        self._open(attempts, self._callback, output=True, output_device_index=device.index)
        self._latency_s = float(self._stream.get_output_latency())
        self._ring = BlockRing(RING_BLOCKS, self.block_samples)
        self._playout = playout
        if playout.rate != self.rate:
            playout.restart(self.rate, now())
        self._start()

    def played(self) -> Block | None:
        """The oldest block that was handed to the device (mono, at `rate`; `at` is when it is heard), or None."""
        return self._ring.read()

    def _callback(self, _data: None, count: int, times: Times, status: int) -> tuple[bytes, int]:
        at = self._heard_at(times, "output_buffer_dac_time")
        pcm = self._playout.render(count, at)
        self._ring.write(pcm, at, bool(status & pyaudio.paOutputUnderflow))
        return np.repeat(pcm, self._channels).tobytes(), pyaudio.paContinue


class SoundPair:
    """A microphone and a loudspeaker on PortAudio: a `recovery.Pair`. One thread owns it."""

    def __init__(self, playout: Playout, options: StreamOptions | None = None) -> None:
        self.microphone: MicrophoneStream | None = None
        self.loudspeaker: LoudspeakerStream | None = None
        self._playout = playout
        self._options = options or StreamOptions()
        self._system: SoundSystem | None = None

    def renew(self) -> None:
        """As in `recovery.Pair`."""
        self.shut()
        self._system = SoundSystem()

    def open(self, device: Device, wanted: str | None) -> str:
        """As in `recovery.Pair`."""
        self.close(device)
        system = self._system
        if system is None:
            raise DeviceError("The sound system does not start; `parley doctor` tells more about it.")
        if device is Device.MICROPHONE:
            return self._first(system.choose_input, wanted, lambda found: self._open_microphone(system, found))
        return self._first(system.choose_output, wanted, lambda found: self._open_loudspeaker(system, found))

    def alive(self, device: Device) -> bool:
        """As in `recovery.Pair`."""
        stream = self.microphone if device is Device.MICROPHONE else self.loudspeaker
        return stream is not None and stream.alive()

    def close(self, device: Device) -> None:
        """As in `recovery.Pair`."""
        if device is Device.MICROPHONE and self.microphone is not None:
            self.microphone.close()
            self.microphone = None
        if device is Device.LOUDSPEAKER and self.loudspeaker is not None:
            self.loudspeaker.close()
            self.loudspeaker = None

    def shut(self) -> None:
        """As in `recovery.Pair`."""
        for device in Device:
            self.close(device)
        if self._system is not None:
            self._system.close()
            self._system = None

    @staticmethod
    def _first(
        choose: Callable[[str | None], SoundDevice], wanted: str | None, open_stream: Callable[[SoundDevice], None]
    ) -> str:
        """Open what is wanted; where that refuses, the default device."""
        found = choose(wanted)
        try:
            open_stream(found)
        except DeviceError:
            other = choose(None)
            if other == found:
                raise
            open_stream(other)
            return other.name
        return found.name

    def _open_microphone(self, system: SoundSystem, found: SoundDevice) -> None:
        self.microphone = MicrophoneStream(system, found, self._options)

    def _open_loudspeaker(self, system: SoundSystem, found: SoundDevice) -> None:
        self.loudspeaker = LoudspeakerStream(system, found, self._playout, self._options)
