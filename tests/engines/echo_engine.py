"""An engine that does nothing but misbehave on request; it runs in the child process of the tests."""

import os
import signal
import threading
from pathlib import Path

from assistant.errors import UserError


class Echo:
    """Says what it was told, or fails in a chosen way."""

    def __init__(self, facts: str, tidied: Path | None = None) -> None:
        if facts == "refuse":
            raise UserError("This cannot be used: try another.")
        if facts == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        if facts == "hang":
            threading.Event().wait()
        self.facts = facts
        self._tidied = tidied

    def echo(self, value: object) -> object:
        print("noise on standard output")  # noqa: T201 - the subject of a test
        os.write(1, b"native noise on standard output\n")
        return value

    def refuse(self) -> None:
        raise UserError("Not like this: do it otherwise.")

    def fail(self) -> None:
        raise ValueError("a defect")

    def crash(self) -> None:
        os.kill(os.getpid(), signal.SIGSEGV)

    def leave(self) -> None:
        os._exit(3)

    def hang(self) -> None:
        threading.Event().wait()

    def environment(self) -> tuple[str | None, str, list[str]]:
        import sys

        return os.environ.get("OMP_WAIT_POLICY"), sys.modules["__main__"].__name__, sorted(sys.modules)

    def close(self) -> None:
        if self._tidied is not None:
            self._tidied.write_text("tidy")
