"""`parley doctor`: one line on each thing that Parley needs, with a remedy where it is not right."""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path

import psutil

from assistant.errors import UserError
from assistant.library import (
    STARTER,
    chat_model_path,
    damaged_files,
    probe_chat_model,
    probe_speech_model,
    speech_model_path,
)
from assistant.paths import data_dir
from assistant.probe import ProbeError, ask
from assistant.settings import Settings
from assistant.settings_file import load_settings

_LEAST_MEMORY = 1e9
_LEAST_DISK = 200e6
_PROBE_TIMEOUT_S = 30.0
_AGAIN = "install Parley again"


class Status(StrEnum):
    """How a check went: WARN means that Parley runs, with something missing."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One line: what was looked at, how it is, and what to do about it ("" if nothing)."""

    name: str
    status: Status
    detail: str
    remedy: str = ""


def run_checks() -> Iterator[Check]:
    """Look at everything, one check after the other; takes a few seconds in all. Loads models in child processes."""
    settings, problems = load_settings()
    yield from _settings(problems)
    for check in (_python, _processor, _memory, _disk, _display, _sound_server, _sound_card):
        yield check()
    yield from _devices(settings)
    yield _probed("Echo cancellation", "echo", lambda _: "ready", f"{_AGAIN}, or use a headset or push-to-talk")
    yield _probed("Voice", "voice", lambda voices: f"{len(voices)} voices", "install espeak-ng")
    yield _model("Hearing", speech_model_path(settings), probe_speech_model)
    yield _model("Thinking", chat_model_path(settings), probe_chat_model)


def _settings(problems: list[str]) -> Iterator[Check]:
    for problem in problems:
        yield Check("Settings", Status.WARN, problem, "mend it as it says")
    if not problems:
        yield Check("Settings", Status.OK, "no mistakes")


def _python() -> Check:
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if (3, 11) <= sys.version_info[:2] <= (3, 13):
        return Check("Python", Status.OK, found)
    return Check("Python", Status.FAIL, found, "install Python 3.11, 3.12 or 3.13, and Parley with it")


def _processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> Check:
    """The portable build of llama.cpp uses AVX2 on x86; without it the process is killed."""
    cores = f"{os.cpu_count()} cores"
    if platform.machine().lower() not in ("x86_64", "amd64") or not cpuinfo.exists():
        return Check("Processor", Status.OK, f"{cores}, {platform.machine()}")
    if "avx2" in cpuinfo.read_text(encoding="utf-8").split():
        return Check("Processor", Status.OK, f"{cores}, AVX2")
    remedy = "compile llama.cpp for this very processor: CMAKE_ARGS=-DGGML_NATIVE=ON, then install Parley again"
    return Check("Processor", Status.FAIL, f"{cores}, without AVX2", remedy)


def _memory() -> Check:
    free = psutil.virtual_memory().available
    detail = f"{free / 1e9:.1f} GB free"
    if free >= _LEAST_MEMORY:
        return Check("Memory", Status.OK, detail)
    return Check("Memory", Status.WARN, detail, "close other programs, or use a smaller chat model")


def _disk() -> Check:
    folder = data_dir()
    while not folder.exists():
        folder = folder.parent
    if not os.access(folder, os.W_OK):
        return Check("Disk", Status.FAIL, f"{folder} cannot be written", "mend its permissions, or set PARLEY_HOME")
    free = shutil.disk_usage(folder).free
    detail = f"{free / 1e9:.1f} GB free in {folder}"
    if free >= _LEAST_DISK:
        return Check("Disk", Status.OK, detail)
    return Check("Disk", Status.WARN, detail, "free some space")


def _display() -> Check:
    """A display, and the libraries of Qt's window plug-in: Qt itself names the wrong one when some are missing."""
    if sys.platform != "linux":
        return Check("Display", Status.OK, platform.system())
    display = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
    if not display:
        return Check("Display", Status.WARN, "none", "use `parley talk` in this terminal, or `parley demo`")
    spec = find_spec("PySide6")
    if spec is None or spec.origin is None:
        return Check("Display", Status.FAIL, "PySide6 is missing", _AGAIN)
    plugin = Path(spec.origin).parent / "Qt" / "plugins" / "platforms" / "libqxcb.so"
    missing = _missing_libraries(plugin)
    if missing:
        remedy = "install the packages of these libraries; for Debian the README lists them"
        return Check("Display", Status.FAIL, f"the window needs {', '.join(missing)}", remedy)
    return Check("Display", Status.OK, display)


def _missing_libraries(plugin: Path) -> list[str]:
    """Names of the shared libraries that `plugin` needs and the system lacks."""
    if shutil.which("ldd") is None:
        return []
    output = subprocess.run(["ldd", plugin], capture_output=True, text=True, timeout=10, check=False).stdout
    return sorted({line.split()[0] for line in output.splitlines() if "not found" in line})


def _sound_server() -> Check:
    if sys.platform != "linux":
        return Check("Sound server", Status.OK, "part of the system")
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR", "/nonexistent"))
    sockets = {"PipeWire": runtime / "pipewire-0", "PulseAudio": runtime / "pulse" / "native"}
    found = [name for name, socket in sockets.items() if socket.exists()]
    if server := os.environ.get("PULSE_SERVER"):
        found.append(f"PULSE_SERVER={server}")
    if found:
        return Check("Sound server", Status.OK, ", ".join(found))
    return Check("Sound server", Status.WARN, "none is running", "start PipeWire or PulseAudio, or use ALSA alone")


def _sound_card(devices: Path = Path("/dev/snd")) -> Check:
    if sys.platform != "linux":
        return Check("Sound card", Status.OK, "managed by the system")
    nodes = [node for node in devices.glob("*") if node.is_char_device()]
    if not nodes:
        return Check(
            "Sound card", Status.WARN, "none in this machine", "plug one in; a sound server may stand in for it"
        )
    if all(os.access(node, os.R_OK | os.W_OK) for node in nodes):
        return Check("Sound card", Status.OK, f"{len(nodes)} device files, all accessible")
    return Check("Sound card", Status.WARN, "no permission", "sudo usermod -aG audio $USER, then log in again")


def _devices(settings: Settings) -> Iterator[Check]:
    """Microphone and loudspeaker, as PortAudio sees them."""
    try:
        sound = ask("sound", timeout_s=_PROBE_TIMEOUT_S)
    except ProbeError as error:
        yield Check("PortAudio", Status.FAIL, str(error), "install portaudio19-dev, then Parley again")
        return
    for name, wanted, kind in (
        ("Microphone", settings.microphone, "input"),
        ("Loudspeaker", settings.loudspeaker, "output"),
    ):
        yield _device(name, wanted, sound[f"{kind}s"], sound[f"default_{kind}"])


def _device(name: str, wanted: str, found: list[str], default: str | None) -> Check:
    if not found:
        without = "typing works without" if name == "Microphone" else "answers are then only shown"
        return Check(name, Status.WARN, "none found", f"plug one in ({without})")
    if not wanted:
        return Check(name, Status.OK, default or found[0])
    if match := next((device for device in found if wanted.lower() in device.lower()), None):
        return Check(name, Status.OK, match)
    return Check(name, Status.WARN, f'"{wanted}" is not there', f"plug it in, or choose one of: {', '.join(found)}")


def _probed(name: str, kind: str, say: Callable[[list[str]], str], remedy: str) -> Check:
    try:
        return Check(name, Status.OK, say(ask(kind, timeout_s=_PROBE_TIMEOUT_S)))
    except ProbeError as error:
        return Check(name, Status.FAIL, str(error), remedy)


def _model(name: str, path: Path, probe: Callable[[Path], None]) -> Check:
    starter = path.is_relative_to(STARTER)
    if starter and (damaged := damaged_files()):
        return Check(name, Status.FAIL, f"the starter models are damaged: {', '.join(damaged)}", _AGAIN)
    try:
        probe(path)
    except UserError as error:
        return Check(name, Status.FAIL, str(error), _AGAIN if starter else "mend it as it says")
    return Check(name, Status.OK, f"{'starter model' if starter else path}, loads")
