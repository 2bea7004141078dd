"""Many arrays in one file: their rows one after the other in NAME.npy, and who said what where in NAME.json."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Utterance:
    """One recording: who says it, the words, and its rows in the archive."""

    voice: str
    text: str
    start: int
    end: int

    @property
    def length(self) -> int:
        """Rows: samples of an audio archive, frames of a feature archive."""
        return self.end - self.start


class Archive(Sequence[NDArray[Any]]):
    """The arrays of one archive, read from disk as they are needed; `utterances[i]` describes array i."""

    def __init__(self, path: Path) -> None:
        self._rows = np.load(path.with_suffix(".npy"), mmap_mode="r")
        self.utterances = [Utterance(*row) for row in json.loads(path.with_suffix(".json").read_text("utf-8"))]

    def __len__(self) -> int:
        return len(self.utterances)

    def __getitem__(self, index: Any) -> Any:
        return self._rows[self.utterances[index].start : self.utterances[index].end]


def exists(path: Path) -> bool:
    """Whether the archive was completely written."""
    return path.with_suffix(".json").exists()


def write(path: Path, recordings: Iterable[tuple[str, str, NDArray[Any]]]) -> None:
    """Write (voice, text, array) triples; all arrays have one dtype and one shape behind the first dimension.

    The index is written last, so an archive that was cut off half-way does not `exist`.
    """
    arrays, index, rows = [], list[Utterance](), 0
    for voice, text, array in recordings:
        index.append(Utterance(voice, text, rows, rows + len(array)))
        arrays.append(array)
        rows += len(array)
    np.save(path.with_suffix(".npy"), np.concatenate(arrays))
    part = path.with_suffix(".part")
    part.write_text(json.dumps([astuple(u) for u in index]), encoding="utf-8")
    part.replace(path.with_suffix(".json"))
