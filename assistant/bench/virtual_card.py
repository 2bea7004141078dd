"""A sound card without hardware: a PulseAudio daemon of our own, its loudspeaker and microphone made of null sinks."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import numpy as np

from assistant.audio.pcm import SAMPLE_RATE, Pcm

READY_WITHIN_S = 15.0

SEPARATE = (
    "module-null-sink sink_name=speaker rate=48000 channels=2",
    "module-null-sink sink_name=mic_in rate=16000 channels=1",
    "module-remap-source source_name=mic master=mic_in.monitor",
)
LOOP = (
    "module-null-sink sink_name=room rate=16000 channels=1",
    "module-remap-sink sink_name=speaker master=room channels=1 remix=no",
)


class Recording:
    """What a source delivers from now until `stop`."""

    def __init__(self, source: str, environment: dict[str, str]) -> None:
        arguments = ("-d", source, "--raw", "--rate=16000", "--channels=1", "--format=s16le", "--latency-msec=20")
        self._process = subprocess.Popen(("parec", *arguments), env=environment, stdout=subprocess.PIPE)
        self._bytes = bytearray()
        self._grown = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pcm(self) -> Pcm:
        """All so far, int16 mono at 16 kHz."""
        with self._grown:
            return np.frombuffer(bytes(self._bytes[: len(self._bytes) // 2 * 2]), dtype=np.int16)

    def wait(self, seconds: float, timeout: float = 20.0) -> Pcm:
        """Wait until `seconds` more have been recorded, and return those."""
        with self._grown:
            begin = len(self._bytes) // 2
            end = begin + round(seconds * SAMPLE_RATE)
            if not self._grown.wait_for(lambda: len(self._bytes) // 2 >= end, timeout):
                raise TimeoutError(f"the source delivered {len(self._bytes) // 2 - begin} of {end - begin} samples")
        return self.pcm[begin:end]

    def stop(self) -> Pcm:
        """End the recording and return all of it."""
        self._process.terminate()
        self._process.wait()
        self._reader.join()
        if self._process.stdout is not None:
            self._process.stdout.close()
        return self.pcm

    def _read(self) -> None:
        stream: IO[bytes] | None = self._process.stdout
        while stream is not None and (data := os.read(stream.fileno(), 4096)):
            with self._grown:
                self._bytes += data
                self._grown.notify_all()


class VirtualSoundCard:
    """A context manager. `loop`: the microphone hears the loudspeaker, `echo_db` quieter, and who speaks into it.

    While it runs, `environment` makes this process's sound (and that of a child) go to it.
    """

    def __init__(self, loop: bool = False, echo_db: float = -10.0) -> None:
        self._loop = loop
        self._echo_db = echo_db
        self._folder = Path(tempfile.mkdtemp(prefix="sound-"))
        self._daemon: subprocess.Popen[bytes] | None = None
        self._awake: list[subprocess.Popen[bytes]] = []
        self.environment = {
            "PULSE_SERVER": f"unix:{self._folder / 'pulse.sock'}",
            "PULSE_SINK": "speaker",
            "PULSE_SOURCE": "room.monitor" if loop else "mic",
        }

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        """Start the daemon and wait until its devices are there."""
        modules = [
            *(LOOP if self._loop else SEPARATE),
            f"module-native-protocol-unix auth-anonymous=1 socket={self._folder / 'pulse.sock'}",
        ]
        command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--log-level=error"]
        for module in modules:
            command += ["-L", module]
        own = {"XDG_RUNTIME_DIR": str(self._folder), "HOME": str(self._folder)}
        self._daemon = subprocess.Popen(command, env=os.environ | own, stderr=subprocess.DEVNULL)
        deadline = threading.Event()
        timer = threading.Timer(READY_WITHIN_S, deadline.set)
        timer.start()
        while not self._answers():
            if deadline.is_set() or self._daemon.poll() is not None:
                raise RuntimeError("the virtual sound card did not start")
            deadline.wait(0.02)
        timer.cancel()
        if self._loop:
            self._control("set-sink-volume", "speaker", f"{self._echo_db}dB")
        # A null sink that nobody reads works in steps of up to two seconds, and so a stream on it would stall.
        for source in ("room.monitor",) if self._loop else ("speaker.monitor", "mic"):
            reader = ("parec", "-d", source, "--raw", "--latency-msec=10")
            self._awake.append(subprocess.Popen(reader, env=self._everything(), stdout=subprocess.DEVNULL))

    def stop(self) -> None:
        """Kill the daemon: for the programs on it, the sound card vanishes. `start` brings it back."""
        for process in self._awake:
            process.kill()
            process.wait()
        self._awake.clear()
        if self._daemon is not None:
            self._daemon.kill()
            self._daemon.wait()
            self._daemon = None
        (self._folder / "pulse.sock").unlink(missing_ok=True)

    def speak(self, pcm: Pcm) -> subprocess.Popen[bytes]:
        """Begin to say `pcm` (int16 mono, 16 kHz) into the microphone; the process ends when it is said."""
        sink = "room" if self._loop else "mic_in"
        arguments = ("-d", sink, "--raw", "--rate=16000", "--channels=1", "--format=s16le", "--latency-msec=20")
        process = subprocess.Popen(("pacat", *arguments), env=self._everything(), stdin=subprocess.PIPE)
        threading.Thread(target=_feed, args=(process, pcm.tobytes()), daemon=True).start()
        return process

    @contextlib.contextmanager
    def recording(self) -> Iterator[Recording]:
        """Record what the loudspeaker plays."""
        recording = Recording("speaker.monitor", self._everything())
        try:
            recording.wait(0.1)
            yield recording
        finally:
            recording.stop()

    def _answers(self) -> bool:
        return self._control("list", "short", "sinks").returncode == 0

    def _control(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(("pactl", *arguments), env=self._everything(), capture_output=True, check=False)

    def _everything(self) -> dict[str, str]:
        return os.environ | self.environment


def _feed(process: subprocess.Popen[bytes], data: bytes) -> None:
    if process.stdin is not None:
        with contextlib.suppress(BrokenPipeError), process.stdin as stream:
            stream.write(data)
