"""The parent's side of the process host: native engines crash and hang, so each runs in a process of its own.

A child is a fresh interpreter (never a fork, never a second import of the program's `__main__`), it is asked one thing
at a time, every question has a deadline, and it ends when the parent does, however the parent ends.
"""

import contextlib
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from assistant.engines.protocols import EngineError
from assistant.errors import UserError

POLL_S = 0.002
"""How often a waiting call runs its `poll`: the price is some 500 short wake-ups a second, only while waiting."""

_PACKAGE_ROOT = Path(__file__).resolve().parents[2]
_ENVIRONMENT = {
    "OMP_WAIT_POLICY": "PASSIVE",  # spinning OpenMP threads starve everybody else, themselves included
    "PYTHONUTF8": "1",
    "PYTHONFAULTHANDLER": "1",  # a native crash leaves a Python traceback in the log
}
_BOOTSTRAP = "import sys; from assistant.engines.child_main import main; main(sys.argv[1])"


class Child:
    """One child process around one engine. One thread calls it; `kill` may come from any thread."""

    def __init__(self, name: str, target: str, arguments: tuple[Any, ...], *, log: Path | None = None) -> None:
        """Start the process without waiting for it.

        `name` begins error sentences ("The voice"). `target` is "package.module:factory"; calling the factory with
        `arguments` in the child builds an object with `facts` and `close`, whose methods `call` can name. What the
        child prints is appended to `log`, or dropped.
        """
        self._name = name
        self._replies: queue.SimpleQueue[tuple[str, Any] | None] = queue.SimpleQueue()
        self._calls: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._fate: str | None = None
        """Why the process is unusable, as the end of a sentence; None while it is usable."""
        self._facts: tuple[Any] | None = None
        self._process = _spawn(target, log)
        writer = threading.Thread(target=_write, args=(self._process.stdin, self._calls), daemon=True)
        reader = threading.Thread(target=_read, args=(self._process.stdout, self._replies), daemon=True)
        self._threads = (writer, reader)
        for thread in self._threads:
            thread.start()
        self._calls.put(arguments)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """False once the process has ended or was given up."""
        return self._fate is None and self._process.poll() is None

    def wait_ready(self, timeout_s: float) -> Any:
        """Wait until the engine is built and return its `facts`. To be called before the first `call`.

        Raises UserError where the engine refuses its arguments, EngineError where it crashes or takes too long.
        """
        if self._facts is None:
            self._facts = (self._reply(timeout_s, None),)
        return self._facts[0]

    def call(self, method: str, *arguments: Any, timeout_s: float, poll: Callable[[], None] | None = None) -> Any:
        """Call a method of the engine and return its value; `poll` runs every POLL_S while waiting.

        Raises UserError as the engine does, EngineError when the engine crashed, did not answer within `timeout_s`
        (it is then killed), or was killed. After an EngineError the child is of no more use.
        """
        if self._fate is not None:
            raise EngineError(f"{self._name} {self._fate}.")
        self._calls.put((method, arguments))
        return self._reply(timeout_s, poll)

    def kill(self, why: str = "was stopped") -> None:
        """End the process now, whatever it is doing; harmless when repeated. `why` is the end of a sentence."""
        self._end(why)

    def close(self, timeout_s: float = 2.0) -> None:
        """Let the engine tidy up and end; kill it if that takes longer than `timeout_s`."""
        self._fate = self._fate or "was stopped"
        self._calls.put(None)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout_s)
        self._end("was stopped")

    def _reply(self, timeout_s: float, poll: Callable[[], None] | None) -> Any:
        deadline = time.monotonic() + timeout_s
        while True:
            if poll is not None:
                poll()
            remaining = max(0.0, deadline - time.monotonic())
            try:
                reply = self._replies.get(timeout=remaining if poll is None else min(remaining, POLL_S))
                break
            except queue.Empty:
                if time.monotonic() >= deadline:
                    raise self._lost(f"did not answer for {timeout_s:.3g} s and was stopped") from None
        if reply is None:
            raise self._lost(self._how_it_ended())
        kind, value = reply
        if kind == "user":
            raise UserError(value)
        if kind == "failed":
            raise self._lost(f"failed ({value})")
        return value

    def _lost(self, fate: str) -> EngineError:
        self._end(fate)
        return EngineError(f"{self._name} {self._fate}.")

    def _how_it_ended(self) -> str:
        try:
            code = self._process.wait(1.0)
        except subprocess.TimeoutExpired:
            return "stopped answering"
        if code < 0:
            return f"stopped unexpectedly ({signal.Signals(-code).name})"
        return f"stopped unexpectedly (exit code {code})"

    def _end(self, fate: str) -> None:
        self._fate = self._fate or fate
        self._process.kill()
        self._process.wait()
        self._calls.put(None)
        for thread in self._threads:
            thread.join()


def _spawn(target: str, log: Path | None) -> "subprocess.Popen[bytes]":
    environment = os.environ | _ENVIRONMENT
    inherited = environment.get("PYTHONPATH")
    environment["PYTHONPATH"] = os.pathsep.join([str(_PACKAGE_ROOT), *([inherited] if inherited else [])])
    errors: IO[bytes] | int = subprocess.DEVNULL if log is None else log.open("ab")
    try:
        return subprocess.Popen(
            [sys.executable, "-P", "-c", _BOOTSTRAP, target],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    finally:
        if not isinstance(errors, int):
            errors.close()


def _write(stream: IO[bytes], calls: "queue.SimpleQueue[Any]") -> None:
    """Send calls until None; a thread, because a stopped child lets the pipe fill up and a write then blocks."""
    with contextlib.suppress(OSError), stream:  # a broken pipe is reported by the reader of the other one
        while (call := calls.get()) is not None:
            pickle.dump(call, stream)
            stream.flush()


def _read(stream: IO[bytes], replies: "queue.SimpleQueue[tuple[str, Any] | None]") -> None:
    """Receive replies until the pipe ends, and say so with None: the end is noticed at once, with or without a call."""
    with contextlib.suppress(EOFError, OSError, pickle.UnpicklingError), stream:
        while True:
            replies.put(pickle.load(stream))
    replies.put(None)
