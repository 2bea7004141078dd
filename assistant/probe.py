"""Asks a native library something in a child process, where it may crash, hang or chatter without harm.

This is the one place besides the adapters that imports such libraries. The parent calls `ask`; the child is
`python -m assistant.probe KIND` and answers with one line of JSON, the last on its standard output.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parent.parent


class ProbeError(Exception):
    """The child gave no answer; the message is a clause for the user."""


def ask(kind: str, *, timeout_s: float) -> Any:
    """Return the child's answer to `kind`, one of `PROBES`. Raises ProbeError if it fails, dies or takes too long."""
    environment = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE", "PYTHONIOENCODING": "utf-8"}
    try:
        child = subprocess.run(
            [sys.executable, "-m", "assistant.probe", kind],
            cwd=_ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ProbeError(f"took more than {timeout_s:g} s") from error
    if child.returncode < 0:
        raise ProbeError(f"crashed (signal {-child.returncode})")
    if child.returncode:
        lines = child.stderr.strip().splitlines()
        raise ProbeError(lines[-1] if lines else f"ended with status {child.returncode}")
    return json.loads(child.stdout.strip().splitlines()[-1])


def _sound() -> dict[str, Any]:
    """The names of the devices that record and play, and of the system's defaults (null: none)."""
    import pyaudio

    audio = pyaudio.PyAudio()
    devices = [audio.get_device_info_by_index(index) for index in range(audio.get_device_count())]

    def default(find: Any) -> Any:
        try:
            return find()["name"]
        except OSError:  # PyAudio's way of saying that there is none
            return None

    return {
        "inputs": [device["name"] for device in devices if device["maxInputChannels"] > 0],
        "outputs": [device["name"] for device in devices if device["maxOutputChannels"] > 0],
        "default_input": default(audio.get_default_input_device_info),
        "default_output": default(audio.get_default_output_device_info),
    }


def _voice() -> list[str]:
    """The names of the voices of the system's synthesiser."""
    import pyttsx3

    return [voice.name for voice in pyttsx3.init().getProperty("voices")]


def _echo() -> None:
    """Make an echo canceller."""
    from livekit.rtc import AudioProcessingModule

    AudioProcessingModule(echo_cancellation=True)


PROBES: dict[str, Callable[[], Any]] = {"sound": _sound, "voice": _voice, "echo": _echo}
"""What can be asked."""


def main() -> None:
    """Answer the question on the command line."""
    answer = PROBES[sys.argv[1]]()
    sys.stdout.write("\n" + json.dumps(answer) + "\n")
    sys.stdout.flush()
    os._exit(0)  # without the libraries' own goodbyes, some of which hang or crash


if __name__ == "__main__":
    main()
