"""The public stream of everything that happens in a session, for logs, counters and other programs' hooks."""

import re
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from types import MappingProxyType, TracebackType
from typing import Any, Self

LIMIT = 10_000
"""Items that a stream holds for a reader who does not keep up; what is older is dropped and counted."""
_HUMP = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class StreamItem:
    """One event or effect of the conversation core.

    `at` is seconds on the session's time line, `name` such as "speech_started" or "speak"; `fields` hold what JSON
    knows: text, numbers, true and false, None, lists and objects.
    """

    at: float
    name: str
    fields: Mapping[str, Any]


class Stream(Iterator[StreamItem]):
    """What one subscriber reads, oldest first; iterating waits for the next item and ends when the stream is closed.

    Any thread may read and close it. Nothing that a reader does, or fails to do, holds up the session.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self.dropped = 0
        """How many items were lost because they were not read in time."""
        self._items: deque[StreamItem] = deque(maxlen=limit)
        self._closed = False
        self._changed = threading.Condition()

    def __next__(self) -> StreamItem:
        item = self.get()
        if item is None:
            raise StopIteration
        return item

    def get(self, timeout: float | None = None) -> StreamItem | None:
        """The next item; None where none comes within `timeout` seconds (None: for ever) or the stream is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._closed, timeout)
            return self._items.popleft() if self._items else None

    def put(self, item: StreamItem) -> None:
        """Add `item`; at the limit the oldest one goes."""
        with self._changed:
            if not self._closed:
                self.dropped += len(self._items) == self._items.maxlen
                self._items.append(item)
                self._changed.notify()

    @property
    def closed(self) -> bool:
        """Nothing more comes; what has come can still be read."""
        return self._closed

    def close(self) -> None:
        """Take nothing more; iterating ends after what has come already."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class Streams:
    """All open streams of a session. `publish` and `close` belong to one thread, `open` to any."""

    def __init__(self) -> None:
        self._open: tuple[Stream, ...] = ()
        self._closed = False
        self._lock = threading.Lock()

    def open(self) -> Stream:
        """A new stream of everything from now on; where the session is closed it is empty and closed."""
        stream = Stream()
        with self._lock:
            self._open = (*self._open, stream)
            if self._closed:
                stream.close()
        return stream

    def publish(self, at: float, thing: object) -> None:
        """Tell every reader of `thing`, an event or an effect that came at `at`; one that has a time keeps it."""
        if not self._open:
            return
        item = StreamItem(getattr(thing, "at", at), name_of(thing), MappingProxyType(fields_of(thing)))
        for stream in self._open:
            stream.put(item)
        if any(stream.closed for stream in self._open):
            with self._lock:
                self._open = tuple(stream for stream in self._open if not stream.closed)

    def close(self) -> None:
        """End all streams."""
        with self._lock:
            self._closed = True
            for stream in self._open:
                stream.close()


def name_of(thing: object) -> str:
    """The name of an event or effect in logs and streams: "speech_started"."""
    return _HUMP.sub("_", type(thing).__name__).lower()


def fields_of(thing: Any) -> dict[str, Any]:
    """The fields of an event or effect as JSON knows them, but for its time."""
    return {f.name: plain(getattr(thing, f.name)) for f in fields(thing) if f.name != "at"}


def plain(value: Any) -> Any:
    """`value` as JSON knows it: dataclasses become objects, enums their value, times rounded to a microsecond."""
    if is_dataclass(value):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value
