"""OpenFst's read-only transducers, to make a static graph without its tools (format: fst/fst.cc, fst/const-fst.h)."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Records = NDArray[np.void]

_MAGIC = 2125659606
_STATE = np.dtype([("final", "<f4"), ("at", "<u4"), ("arcs", "<u4"), ("silent_in", "<u4"), ("silent_out", "<u4")])
_ARC = np.dtype([("read", "<i4"), ("write", "<i4"), ("cost", "<f4"), ("to", "<i4")])
_NUMBERS = "<iiQqqq"
"""Version, flags, properties, start, number of states, number of arcs."""


@dataclass(frozen=True)
class ConstFst:
    """States and arcs, the arcs of each state in a row; label 0 is silence: nothing is read, or written."""

    start: int
    states: Records
    arcs: Records

    @classmethod
    def read_lookahead(cls, data: bytes) -> "ConstFst":
        """Take the transducer out of one with look-ahead tables: it follows a header and a number of their own."""
        _, outer = _header(data, 0)
        (start, states, arcs), at = _header(data, outer + 4)
        first = at + states * _STATE.itemsize
        return cls(start, np.frombuffer(data, _STATE, states, at), np.frombuffer(data, _ARC, arcs, first))

    def only(self, words: Sequence[int], cost: float, silent: Sequence[int]) -> "ConstFst":
        """Without the arcs that write other words, and those that lead nowhere then; each word costs `cost` more.

        The labels `silent`, which have no sound, are not read any more.
        """
        arcs = self.arcs.copy()
        source = np.repeat(np.arange(len(self.states)), self.states["arcs"])
        writes = arcs["write"] != 0
        arcs["cost"] += cost * writes
        arcs["read"][np.isin(arcs["read"], silent)] = 0
        kept = ~writes | np.isin(arcs["write"], words)
        alive, known = np.isfinite(self.states["final"]), 0
        while known < alive.sum():
            known = int(alive.sum())
            alive[source[kept & alive[arcs["to"]]]] = True
        kept &= alive[arcs["to"]]
        arcs, source = arcs[kept], source[kept]
        states = self.states.copy()
        states["arcs"] = np.bincount(source, minlength=len(states))
        states["at"] = np.cumsum(states["arcs"]) - states["arcs"]
        states["silent_in"] = np.bincount(source[arcs["read"] == 0], minlength=len(states))
        states["silent_out"] = np.bincount(source[arcs["write"] == 0], minlength=len(states))
        return ConstFst(self.start, states, arcs)

    def encoded(self) -> bytes:
        """The file; of its properties only that it has states."""
        kind = b"".join(struct.pack("<i", len(name)) + name for name in (b"const", b"standard"))
        numbers = struct.pack(_NUMBERS, 2, 0, 1, self.start, len(self.states), len(self.arcs))
        return struct.pack("<i", _MAGIC) + kind + numbers + self.states.tobytes() + self.arcs.tobytes()


def _header(data: bytes, at: int) -> tuple[Any, int]:
    """Start, number of states and number of arcs of the transducer at `at`, and where its header ends."""
    assert struct.unpack_from("<i", data, at) == (_MAGIC,)
    at += 4
    for _ in range(2):  # the kinds of transducer and of arc
        (length,) = struct.unpack_from("<i", data, at)
        at += 4 + length
    *_, start, states, arcs = struct.unpack_from(_NUMBERS, data, at)
    return (start, states, arcs), at + struct.calcsize(_NUMBERS)
