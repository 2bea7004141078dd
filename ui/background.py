"""Work that would hold up the window: files and databases. It runs on a thread of its own, in order."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from assistant.errors import UserError

T = TypeVar("T")


class Background(QObject):
    """Hands each result, or the sentence of a `UserError`, back on the Qt thread."""

    _finished = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="window")
        self._finished.connect(lambda deliver: deliver(), Qt.ConnectionType.QueuedConnection)

    def run(self, work: Callable[[], T], done: Callable[[T], object], failed: Callable[[str], object]) -> None:
        """Do `work`, then call `done` with its result or `failed` with what is wrong."""
        self._pool.submit(self._run, work, done, failed)

    def finish(self) -> None:
        """Wait until all work is done."""
        self._pool.submit(lambda: None).result()

    def _run(self, work: Callable[[], T], done: Callable[[T], object], failed: Callable[[str], object]) -> None:
        try:
            result = work()
        except UserError as error:
            self._finished.emit(partial(failed, str(error)))
        else:
            self._finished.emit(partial(done, result))
