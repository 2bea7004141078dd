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
    lost_after_s: float = 2.0
    """No callback for so long: the device is gone. A sound server that wakes up can make a pause of a second."""


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
        self._latency_s = 0.0

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
        return active and now() - self._last_callback < self._options.lost_after_s

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
        ahead = times[key] - times["current_time"]
        return self._last_callback + max(-OLDEST_S, ahead if abs(ahead) < IMPLAUSIBLE_S else self._latency_s)


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
