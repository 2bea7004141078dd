"""Training batches: dialogues, tokenised and packed into rows. Batch k depends on the seed and on k alone."""

import random
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from models.recipes.chat import corpus
from models.recipes.chat.turns import Turn, segments

Tokens = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Row = tuple[list[int], list[bool]]  # tokens, and which of them are learned
Phase = Literal["drills", "dialogues"]
LENGTHS: dict[Phase, dict[int, float]] = {
    "drills": {128: 1.0},
    "dialogues": {256: 0.45, 512: 0.40, 1024: 0.15},
}
CHARACTERS_PER_TOKEN = 3.2  # few enough that nearly every dialogue fits into its row


class Batches:
    """Makes batches of about ``tokens`` tokens, in rows of one of the lengths of the phase."""

    def __init__(self, tokenizer: Tokenizer, tokens: int) -> None:
        self._tokens = tokens
        self._encode = lru_cache(maxsize=50_000)(lambda text: tuple(tokenizer.encode(text).ids))

    def batch(self, name: str, phase: Phase) -> tuple[Tokens, Mask]:
        """Tokens and mask of the batch ``name``, both (rows, length + 1); mask is true where a token is learned.

        Dialogues are packed first-fit, longest first; the few that fit nowhere are left out. The rest of a row is
        padded with token 0, which is never learned.
        """
        rng = random.Random(name)
        length = rng.choices(tuple(LENGTHS[phase]), tuple(LENGTHS[phase].values()))[0]
        rows = max(1, self._tokens // length)
        tokens = np.zeros((rows, length + 1), dtype=np.int64)
        mask = np.zeros((rows, length + 1), dtype=np.bool_)
        used = [0] * rows
        for ids, learn in sorted(self._dialogues(rng, phase, rows, length), key=lambda pair: -len(pair[0])):
            row = next((r for r in range(rows) if used[r] + len(ids) <= length + 1), None)
            if row is None:
                continue
            place = slice(used[row], used[row] + len(ids))
            tokens[row, place], mask[row, place] = ids, learn
            used[row] += len(ids)
        return tokens, mask

    def _dialogues(self, rng: random.Random, phase: Phase, rows: int, length: int) -> list[Row]:
        """Enough dialogues to fill a batch; the few that are longer than a row are cut at its end."""
        found: list[Row] = []
        room = rows * (length + 1)
        for turns in _stream(rng, phase, length):
            ids: list[int] = []
            learn: list[bool] = []
            for text, learned in segments(turns):
                piece = self._encode(text)
                ids += piece
                learn += [learned] * len(piece)
            found.append((ids[: length + 1], learn[: length + 1]))
            room -= len(found[-1][0])
            if room <= 0:
                break
        return found


def _stream(rng: random.Random, phase: Phase, length: int) -> Iterator[tuple[Turn, ...]]:
    while True:
        if phase == "drills":
            yield corpus.only_drills(rng)
        else:
            yield corpus.dialogue(rng, round(length * CHARACTERS_PER_TOKEN)).turns
