"""Sound devices by name, through PortAudio, without the noise that it writes to the terminal."""

import contextlib
import ctypes
import logging
import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyaudio

from assistant.errors import UserError

NO_MICROPHONE = "No microphone found. Plug one in, or allow Parley to use it in the system's sound settings."
NO_LOUDSPEAKER = "No loudspeaker or headphones found. Plug them in, or choose an output in the system's sound settings."

_log = logging.getLogger(__name__)
_stderr_lock = threading.Lock()


class DeviceError(UserError):
    """A sound device is missing or cannot be opened."""


@dataclass(frozen=True, slots=True)
class SoundDevice:
    """One device as PortAudio sees it; a device may do both input and output."""

    index: int
    name: str
    input_channels: int
    output_channels: int
    rate: int
    """Default sample rate, Hz."""


@contextlib.contextmanager
def quiet_stderr() -> Iterator[None]:
    """Send file descriptor 2 to nowhere: ALSA and JACK write some 80 lines there each time that devices are listed."""
    if sys.platform != "linux":
        yield
        return
    with _stderr_lock:
        saved = os.dup(2)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, 2)
            yield
        finally:
            os.dup2(saved, 2)
            os.close(nowhere)
            os.close(saved)


_AlsaHandler = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p)


@_AlsaHandler  # type: ignore[untyped-decorator]  # ctypes has no types for its function factories
def _log_alsa(_file: bytes, line: int, function: bytes, error: int, _format: bytes) -> None:
    _log.debug("ALSA: %s, line %d, error %d", function.decode(errors="replace"), line, error)


def quiet_alsa() -> None:
    """Send what ALSA says from its own threads ("underrun occurred") to the log instead of the terminal."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # no ALSA, nothing to keep quiet
            ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(_log_alsa)


class SoundSystem:
    """One initialisation of PortAudio. It sees the devices that were there when it began; for new ones make another.

    Raises DeviceError where the system has no sound at all.
    """

    def __init__(self) -> None:
        quiet_alsa()
        try:
            with quiet_stderr():
                self._portaudio: Any = pyaudio.PyAudio()
        except OSError as error:
            raise DeviceError(f"The sound system does not start ({error}); restart the computer's sound.") from error

    def close(self) -> None:
        """Release PortAudio; all streams must be closed."""
        with quiet_stderr():
            self._portaudio.terminate()

    def inputs(self) -> list[SoundDevice]:
        """Everything that can record."""
        return [device for device in self._devices() if device.input_channels > 0]

    def outputs(self) -> list[SoundDevice]:
        """Everything that can play."""
        return [device for device in self._devices() if device.output_channels > 0]

    def choose_input(self, name: str | None = None) -> SoundDevice:
        """The microphone called `name`, or the default one if there is none of that name. Raises DeviceError."""
        return _choose(self.inputs(), name, self._default("get_default_input_device_info"), NO_MICROPHONE)

    def choose_output(self, name: str | None = None) -> SoundDevice:
        """The loudspeaker called `name`, or the default one if there is none of that name. Raises DeviceError."""
        return _choose(self.outputs(), name, self._default("get_default_output_device_info"), NO_LOUDSPEAKER)

    def open(self, **arguments: Any) -> Any:
        """Open a PyAudio stream (`PyAudio.open`). Raises OSError or ValueError if the device refuses."""
        with quiet_stderr():
            return self._portaudio.open(format=pyaudio.paInt16, **arguments)

    def _devices(self) -> list[SoundDevice]:
        with quiet_stderr():
            count = self._portaudio.get_device_count()
            return [_device(self._portaudio.get_device_info_by_index(index)) for index in range(count)]

    def _default(self, query: str) -> int | None:
        try:
            with quiet_stderr():
                return int(getattr(self._portaudio, query)()["index"])
        except OSError:
            return None


def _device(info: dict[str, Any]) -> SoundDevice:
    return SoundDevice(
        index=int(info["index"]),
        name=str(info["name"]),
        input_channels=int(info["maxInputChannels"]),
        output_channels=int(info["maxOutputChannels"]),
        rate=int(info["defaultSampleRate"]),
    )


def _choose(devices: list[SoundDevice], name: str | None, default: int | None, none_found: str) -> SoundDevice:
    if not devices:
        raise DeviceError(none_found)
    if name:
        for matches in (str.__eq__, lambda wanted, found: wanted.casefold() in found.casefold()):
            for device in devices:
                if matches(name, device.name):
                    return device
    return next((device for device in devices if device.index == default), devices[0])
