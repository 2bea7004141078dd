"""A ring buffer between a stream's callback and the thread that works on its sound."""

from dataclasses import dataclass

import numpy as np

from assistant.audio.pcm import Pcm


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a stream: int16 mono, shape (samples,); `at`: stream time of its first sample, seconds."""

    pcm: Pcm
    at: float
    xrun: bool
    """Sound was lost just before this block."""


class BlockRing:
    """Blocks of sound with their times, from one writer to one reader, without a lock.

    All memory is allocated beforehand. The writer only copies; when the ring is full the new block is dropped, counted
    in `overflows`, and the next block that fits carries `xrun`. Writer and reader each change only their own counter.
    """

    def __init__(self, blocks: int, block_samples: int) -> None:
        """Room for `blocks` blocks of at most `block_samples` samples."""
        self.overflows = 0
        self._pcm = np.zeros((blocks, block_samples), dtype=np.int16)
        self._sizes = [0] * blocks
        self._times = [0.0] * blocks
        self._xruns = [False] * blocks
        self._written = 0
        self._read = 0
        self._lost = False

    def write(self, pcm: Pcm, at: float, xrun: bool = False) -> bool:
        """Store a copy of `pcm` (int16, at most `block_samples`); False if there was no room. Writer only."""
        if self._written - self._read >= len(self._sizes):
            self.overflows += 1
            self._lost = True
            return False
        slot = self._written % len(self._sizes)
        self._pcm[slot, : pcm.size] = pcm
        self._sizes[slot] = pcm.size
        self._times[slot] = at
        self._xruns[slot] = xrun or self._lost
        self._lost = False
        # Last, since it hands the slot over.
        self._written += 1
        return True

    def read(self) -> Block | None:
        """The oldest block, copied; None if there is none. Reader only."""
        if self._read == self._written:
            return None
        slot = self._read % len(self._sizes)
        block = Block(self._pcm[slot, : self._sizes[slot]].copy(), self._times[slot], self._xruns[slot])
        self._read += 1
        return block

    def __len__(self) -> int:
        """Blocks waiting."""
        return self._written - self._read
