"""Reads the header of a GGUF file without trusting a single length in it.

Layout: the GGUF specification, versions 2 and 3 (github.com/ggml-org/ggml, docs/gguf.md). The `gguf` package reads it
too, but believes the counts and lengths it finds; a file that a user points at may be cut off, damaged or no GGUF file.
"""

import math
import mmap
import struct
from dataclasses import dataclass
from pathlib import Path

_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING = 8
_ARRAY = 9

_BLOCKS = {
    0: (1, 4),  # F32
    1: (1, 2),  # F16
    2: (32, 18),  # Q4_0
    3: (32, 20),  # Q4_1
    6: (32, 22),  # Q5_0
    7: (32, 24),  # Q5_1
    8: (32, 34),  # Q8_0
    10: (256, 84),  # Q2_K
    11: (256, 110),  # Q3_K
    12: (256, 144),  # Q4_K
    13: (256, 176),  # Q5_K
    14: (256, 210),  # Q6_K
    30: (1, 2),  # BF16
}
"""Tensor type -> (weights per block, bytes per block), as far as the size of a file is judged by it."""


class GgufError(ValueError):
    """The file is no usable GGUF file; the message is a clause that follows the file's name."""


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """What the header says: scalar and text `metadata`, the number of tensors, and the `size` in bytes of it all."""

    version: int
    metadata: dict[str, str | int | float | bool]
    tensors: int
    size: int


def read_gguf_header(path: Path) -> GgufHeader:
    """Read the header of the file at `path`. Raises GgufError if it is damaged or cut off, OSError if unreadable."""
    with path.open("rb") as file:
        magic = file.read(4)
        if not magic:
            raise GgufError("is empty")
        if magic != b"GGUF":
            raise GgufError("is not a GGUF file")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _Reader(data).header()


class _Reader:
    """A position in the mapped file; every step is checked against what is left of it."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._at = 4

    def header(self) -> GgufHeader:
        (version,) = self._take("I")
        if version not in (2, 3):
            swapped = version > 0xFFFF
            raise GgufError(
                "is for another kind of processor (big-endian)" if swapped else f"has GGUF version {version}"
            )
        tensors, entries = self._take("QQ")
        if tensors == 0:
            raise GgufError("holds no weights")
        metadata: dict[str, str | int | float | bool] = {}
        for _ in range(self._believable(entries, 12)):
            key = self._string()
            value = self._value(*self._take("I"))
            if value is not None:
                metadata[key] = value
        end = max(self._tensor_end() for _ in range(self._believable(tensors, 24)))
        alignment = metadata.get("general.alignment", 32)
        if not isinstance(alignment, int) or alignment <= 0:
            raise GgufError("has a damaged header")
        return GgufHeader(version, metadata, tensors, math.ceil(self._at / alignment) * alignment + end)

    def _skip(self, count: int) -> int:
        """Go `count` bytes on; returns where they begin."""
        if count > len(self._data) - self._at:
            raise GgufError("is cut off inside its header")
        start = self._at
        self._at += count
        return start

    def _believable(self, count: int, least: int) -> int:
        """Refuse a count of things, of `least` bytes each, that the rest of the file cannot hold."""
        if count > (len(self._data) - self._at) // least:
            raise GgufError("is cut off inside its header")
        return count

    def _take(self, form: str) -> tuple[int, ...]:
        form = "<" + form
        return struct.unpack_from(form, self._data, self._skip(struct.calcsize(form)))

    def _string(self) -> str:
        (length,) = self._take("Q")
        start = self._skip(length)
        return self._data[start : start + length].decode("utf-8", errors="replace")

    def _value(self, kind: int) -> str | int | float | bool | None:
        """The value of type `kind`; None for an array, which is only stepped over."""
        if kind in _SCALARS:
            return self._take(_SCALARS[kind])[0]
        if kind == _STRING:
            return self._string()
        if kind != _ARRAY:
            raise GgufError("has a damaged header")
        item, count = self._take("IQ")
        if item in _SCALARS:
            self._skip(count * struct.calcsize("<" + _SCALARS[item]))
        elif item == _STRING:
            for _ in range(self._believable(count, 8)):
                (length,) = self._take("Q")
                self._skip(length)
        else:
            raise GgufError("has a damaged header")
        return None

    def _tensor_end(self) -> int:
        """Step over the description of one tensor; returns where its data ends, counted from the first tensor's."""
        self._string()
        (dimensions,) = self._take("I")
        if not 1 <= dimensions <= 4:
            raise GgufError("has a damaged header")
        shape = self._take("Q" * dimensions)
        kind, offset = self._take("IQ")
        per_block, block = _BLOCKS.get(kind, (1, 0))
        return offset + math.prod(shape) // per_block * block
