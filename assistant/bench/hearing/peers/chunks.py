"""Frames of other lengths than ours."""

from collections.abc import Iterator

import numpy as np

from assistant.audio.pcm import Pcm


class Chunks:
    """Collects frames, and gives them out in pieces of `size` samples."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept = np.zeros(0, dtype=np.int16)

    def push(self, frame: Pcm) -> Iterator[Pcm]:
        """Take a frame; the pieces that are complete now."""
        self._kept = np.concatenate((self._kept, frame))
        while self._kept.size >= self._size:
            piece, self._kept = self._kept[: self._size], self._kept[self._size :]
            yield piece
