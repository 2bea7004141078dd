"""What a worker posts, and the clock that it reads."""

import queue

from assistant.core.events import Event

PATIENCE_S = 30.0
"""How long a test waits for what has to come; long, because the machine may be busy."""


class Posts:
    """The session's inbox and clock, read by the test."""

    def __init__(self) -> None:
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.told: list[str] = []
        self.now = 0.0

    def post(self, event: Event) -> None:
        self._events.put(event)

    def clock(self) -> float:
        return self.now

    def next(self) -> Event:
        return self._events.get(timeout=PATIENCE_S)

    def until(self, kind: type[Event]) -> list[Event]:
        """All events up to the next one of `kind`, that included."""
        found = [self.next()]
        while not isinstance(found[-1], kind):
            found.append(self.next())
        return found

    def rest(self) -> list[Event]:
        """What is there now; for threads that have ended."""
        found = []
        while not self._events.empty():
            found.append(self._events.get())
        return found
