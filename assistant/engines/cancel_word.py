"""A cancel flag in memory shared by two processes: set by one, seen by native code of the other without any message."""

import contextlib
import ctypes
import mmap
import os
import tempfile
from pathlib import Path

_SIZE = mmap.ALLOCATIONGRANULARITY


class CancelWord:
    """Two bytes in a small mapped file. As a C string it is empty until set, so that `strlen` can be the test."""

    def __init__(self, path: Path) -> None:
        """Map the file at `path`, which `create` made."""
        self.path = path
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), _SIZE)
        self.buffer = (ctypes.c_char * 2).from_buffer(self._map)
        """The memory itself; whoever passes its address on must keep this object alive."""

    @classmethod
    def create(cls) -> "CancelWord":
        """Make a new, clear word in a new temporary file."""
        handle, name = tempfile.mkstemp(prefix="parley-", suffix=".cancel")
        with os.fdopen(handle, "wb") as file:
            file.write(bytes(_SIZE))
        return cls(Path(name))

    def set(self) -> None:
        """Cancel."""
        self.buffer[0] = b"\x01"

    def clear(self) -> None:
        """Take the cancellation back. Only the owner does so, and only once the cancelled call has returned."""
        self.buffer[0] = b"\x00"

    def __bool__(self) -> bool:
        """True while cancelled."""
        return bool(self.buffer[0] != b"\x00")

    def unlink(self) -> None:
        """Remove the file; the memory stays while it is mapped. Windows refuses until all have unmapped it."""
        with contextlib.suppress(OSError):
            self.path.unlink()
