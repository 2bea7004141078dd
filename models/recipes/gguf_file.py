"""Writes GGUF files tensor by tensor, so that a file may be larger than the memory.

Layout: the GGUF specification, version 3 (github.com/ggml-org/ggml, docs/gguf.md).
"""

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

Value = str | bool | int | float | Sequence[str] | Sequence[int] | Sequence[float]
ALIGNMENT = 32


class Kind(IntEnum):
    """How the numbers of a tensor are stored; the numbers are the specification's."""

    F32 = 0
    Q4_0 = 2
    Q8_0 = 8

    @property
    def block(self) -> tuple[int, int]:
        """Numbers in a block, and its bytes."""
        return {Kind.F32: (1, 4), Kind.Q4_0: (32, 18), Kind.Q8_0: (32, 34)}[self]


@dataclass(frozen=True, slots=True)
class Tensor:
    """A vector, or a matrix of shape (rows, columns); `data` makes its bytes when they are due."""

    name: str
    shape: tuple[int, ...]
    kind: Kind
    data: Callable[[], bytes]

    @property
    def size(self) -> int:
        """Bytes."""
        count = 1
        for length in self.shape:
            count *= length
        numbers, stored = self.kind.block
        return count // numbers * stored


def write_gguf(path: Path, metadata: Mapping[str, Value], tensors: Sequence[Tensor]) -> None:
    """Write the file at `path`; it appears under that name only when it is complete."""
    fresh = path.with_name(path.name + ".new")
    with fresh.open("wb") as file:
        file.write(b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(metadata)))
        for key, value in metadata.items():
            file.write(_string(key) + _value(value))
        file.writelines(_descriptions(tensors))
        _align(file.tell(), file.write)
        for tensor in tensors:
            data = tensor.data()
            if len(data) != tensor.size:
                raise ValueError(f"{tensor.name} has {len(data)} bytes instead of {tensor.size}")
            file.write(data)
            _align(file.tell(), file.write)
    fresh.replace(path)


def _descriptions(tensors: Sequence[Tensor]) -> Iterator[bytes]:
    offset = 0
    for tensor in tensors:
        shape = struct.pack(f"<{len(tensor.shape)}Q", *reversed(tensor.shape))  # the fastest dimension first
        yield _string(tensor.name) + struct.pack("<I", len(tensor.shape)) + shape
        yield struct.pack("<IQ", tensor.kind, offset)
        offset += tensor.size + -tensor.size % ALIGNMENT


def _align(position: int, write: Callable[[bytes], int]) -> None:
    write(bytes(-position % ALIGNMENT))


def _string(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _value(value: Value) -> bytes:
    """A value behind the number of its type: 4 uint32, 5 int32, 6 float32, 7 bool, 8 string, 9 array."""
    if isinstance(value, str):
        return struct.pack("<I", 8) + _string(value)
    if isinstance(value, bool):
        return struct.pack("<I?", 7, value)
    if isinstance(value, int):
        return struct.pack("<II", 4, value)
    if isinstance(value, float):
        return struct.pack("<If", 6, value)
    if isinstance(value[0], str):
        return struct.pack("<IIQ", 9, 8, len(value)) + b"".join(_string(str(text)) for text in value)
    kind, form = (5, "i") if isinstance(value[0], int) else (6, "f")
    return struct.pack("<IIQ", 9, kind, len(value)) + struct.pack(f"<{len(value)}{form}", *value)
