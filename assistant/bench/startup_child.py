"""The app as `parley` opens it, which says on standard output how far it has got; closes when standard input does."""

import json
import signal
import sys
import threading
from typing import Any, cast

import assistant.cli  # noqa: F401 - what the command loads before anything else; its time counts
from assistant.bench.startup import PAINTED, READY
from assistant.session.live import LiveSession
from assistant.session.snapshot import Controller, Snapshot
from assistant.settings import Settings


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


class _Announced:
    """A session that says when it is started: the window does that once it has been painted."""

    def __init__(self, session: LiveSession) -> None:
        self._session = session
        self._ready = False
        session.subscribe(self._look)

    def start(self) -> None:
        _say(PAINTED)
        self._session.start()

    def _look(self, snapshot: Snapshot) -> None:
        if not self._ready and all(engine.ready for engine in snapshot.engines):
            self._ready = True
            _say(READY)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


def _interrupt_at_end_of_input() -> None:
    sys.stdin.buffer.read()
    signal.raise_signal(signal.SIGINT)  # which closes the window


def main() -> None:
    """Open the window with the settings (an object of JSON) on the command line."""
    settings = Settings().with_changes(json.loads(sys.argv[1]))
    from assistant.session.build import build_session
    from ui.app import run

    session = build_session(settings)
    threading.Thread(target=_interrupt_at_end_of_input, daemon=True).start()
    run(cast(Controller, _Announced(session)))


if __name__ == "__main__":
    main()
