"""The one doorway from the session's thread into the window."""

from threading import Lock

from PySide6.QtCore import QObject, Qt, Signal

from assistant.session.snapshot import Controller, Snapshot


class Bridge(QObject):
    """Takes snapshots on any thread and hands the latest one over on the Qt thread; what it overtakes is dropped."""

    arrived = Signal(object)
    """Carries a `Snapshot`, on the Qt thread."""
    _wake = Signal()

    def __init__(self, controller: Controller, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = Lock()
        self._latest: Snapshot | None = None
        self._wake.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        controller.subscribe(self._take)

    def _take(self, snapshot: Snapshot) -> None:
        """Called by the session; returns at once."""
        with self._lock:
            waiting = self._latest is not None
            self._latest = snapshot
        if not waiting:
            self._wake.emit()

    def _deliver(self) -> None:
        with self._lock:
            snapshot, self._latest = self._latest, None
        if snapshot is not None:
            self.arrived.emit(snapshot)
