"""`parley` as a user starts it, which also tells on standard output what its window shows.

One JSON object a line: `{"stop": [x, y]}` is the middle of the Stop button on the screen, once the window is painted;
`{"snapshot": …}` is each picture of the session.
"""

import dataclasses
import json
import sys
import threading
from unittest.mock import patch

from assistant.cli import main
from assistant.session.snapshot import Controller, Snapshot
from assistant.settings import Settings
from ui.window import Window

_lock = threading.Lock()


def _tell(**message: object) -> None:
    with _lock:  # the session and the window each have a thread
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()


class _ReportingWindow(Window):
    def __init__(self, controller: Controller, settings: Settings) -> None:
        controller.subscribe(_tell_snapshot)
        super().__init__(controller, settings)
        self.first_painted.connect(self._tell_stop)

    def _tell_stop(self) -> None:
        middle = self.dock.stop.mapToGlobal(self.dock.stop.rect().center())
        _tell(stop=[middle.x(), middle.y()])


def _tell_snapshot(snapshot: Snapshot) -> None:
    _tell(snapshot=dataclasses.asdict(snapshot))


if __name__ == "__main__":
    with patch("ui.app.Window", _ReportingWindow):
        main()
