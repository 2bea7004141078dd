"""Training batches: dialogues, tokenised and packed into rows. Batch k depends on the seed and on k alone."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from models.recipes.chat import corpus
from models.recipes.chat.turns import segments

Tokens = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class Batches:
    """Makes batches of ``rows`` rows of ``length`` + 1 tokens, so that each row has ``length`` predictions."""

    def __init__(self, tokenizer: Tokenizer, rows: int, length: int) -> None:
        self._rows, self._width = rows, length + 1
        self.tokens = rows * self._width  # of a batch, padding included
        self._encode = lru_cache(maxsize=50_000)(lambda text: tuple(tokenizer.encode(text).ids))

    def batch(self, name: str) -> tuple[Tokens, Mask]:
        """Tokens and mask of the batch ``name``, both (rows, length + 1); mask is true where a token is learned.

        Dialogues are packed first-fit, longest first; the few that fit nowhere are left out. The rest of a row is
        padded with token 0, which is never learned.
        """
        tokens = np.zeros((self._rows, self._width), dtype=np.int64)
        mask = np.zeros((self._rows, self._width), dtype=np.bool_)
        used = [0] * self._rows
        for ids, learn in sorted(self._dialogues(name), key=lambda pair: -len(pair[0])):
            row = next((r for r in range(self._rows) if used[r] + len(ids) <= self._width), None)
            if row is None:
                continue
            place = slice(used[row], used[row] + len(ids))
            tokens[row, place], mask[row, place] = ids, learn
            used[row] += len(ids)
        return tokens, mask

    def _dialogues(self, name: str) -> list[tuple[list[int], list[bool]]]:
        """Enough dialogues to fill a batch; longer ones than a row are cut at its end."""
        found: list[tuple[list[int], list[bool]]] = []
        room = self._rows * self._width
        for dialogue in corpus.dialogues(name):
            ids: list[int] = []
            learn: list[bool] = []
            for text, learned in segments(dialogue.turns):
                piece = self._encode(text)
                ids += piece
                learn += [learned] * len(piece)
            found.append((ids[: self._width], learn[: self._width]))
            room -= len(found[-1][0])
            if room <= 0:
                return found
        raise AssertionError("the stream of dialogues is endless")
