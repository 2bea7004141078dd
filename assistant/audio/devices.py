"""Sound devices by name, through PortAudio, without the noise that it writes to the terminal."""

import contextlib
import ctypes
import logging
import os
import platform
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyaudio

from assistant.core.events import Device
from assistant.errors import UserError

NO_MICROPHONE = "No microphone found. Plug one in, or allow Parley to use it in the system's sound settings."
NO_LOUDSPEAKER = "No loudspeaker or headphones found. Plug them in, or choose an output in the system's sound settings."

_log = logging.getLogger(__name__)


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


@dataclass(frozen=True, slots=True)
class Listing:
    """The devices by name, as they were at some moment; a default is None where there is no device."""

    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    default_input: str | None = None
    default_output: str | None = None

    def choice(self, device: Device, wanted: str | None) -> str | None:
        """The name of the device that would be opened if `wanted` is asked for; None where there is none at all."""
        if device is Device.MICROPHONE:
            return choose(self.inputs, wanted, self.default_input)
        return choose(self.outputs, wanted, self.default_output)


def choose(names: Sequence[str], wanted: str | None, default: str | None) -> str | None:
    """Which of `names` to use: `wanted`, or one that has it in its name, or else the default; None if there is none."""
    for name in names:
        if wanted and name == wanted:
            return name
    for name in names:
        if wanted and wanted.casefold() in name.casefold():
            return name
    return default if default in names else next(iter(names), None)


class _CStderr:
    """Sends what C libraries print to standard error to nowhere, while anybody wants that.

    PortAudio, ALSA and JACK print some 80 lines each time that devices are listed, and more, from threads of their own,
    when a sound server goes away. Only the C library's variable `stderr` is changed and not file descriptor 2: what
    Python writes there is still to be seen. Other C libraries than glibc do not let it be changed.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._saved: int | None = None
        self._nowhere: int | None = None

    def silence(self) -> None:
        """Keep quiet until a call of `restore` for each call of this."""
        with self._lock:
            self._users += 1
            if self._users == 1 and platform.libc_ver()[0] == "glibc":
                if self._nowhere is None:
                    opener = ctypes.CDLL(None).fopen
                    opener.restype = ctypes.c_void_p
                    self._nowhere = opener(os.devnull.encode(), b"w")
                self._saved, self._variable.value = self._variable.value, self._nowhere

    def restore(self) -> None:
        """Undo one `silence`."""
        with self._lock:
            self._users -= 1
            if self._users == 0 and self._saved is not None:
                self._variable.value, self._saved = self._saved, None

    @property
    def _variable(self) -> ctypes.c_void_p:
        return ctypes.c_void_p.in_dll(ctypes.CDLL(None), "stderr")


_c_stderr = _CStderr()


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
        _c_stderr.silence()
        try:
            self._portaudio: Any = pyaudio.PyAudio()
        except OSError as error:
            _c_stderr.restore()
            raise DeviceError(f"The sound system does not start ({error}); restart the computer's sound.") from error

    def close(self) -> None:
        """Release PortAudio; all streams must be closed."""
        self._portaudio.terminate()
        _c_stderr.restore()

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
        return self._portaudio.open(format=pyaudio.paInt16, **arguments)

    def _devices(self) -> list[SoundDevice]:
        count = self._portaudio.get_device_count()
        return [_device(self._portaudio.get_device_info_by_index(index)) for index in range(count)]

    def _default(self, query: str) -> str | None:
        try:
            return str(getattr(self._portaudio, query)()["name"])
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


def _choose(devices: list[SoundDevice], wanted: str | None, default: str | None, none_found: str) -> SoundDevice:
    name = choose([device.name for device in devices], wanted, default)
    if name is None:
        raise DeviceError(none_found)
    return next(device for device in devices if device.name == name)
