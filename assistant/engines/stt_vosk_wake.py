"""Vosk: a small-grammar recogniser that waits for the wake phrase, anywhere in what is said."""

import json

import numpy as np
import vosk

from assistant.engines.protocols import Pcm
from assistant.engines.stt_vosk import DECOYS, RATE, UNKNOWN, VoskModel
from assistant.errors import UserError

STABLE_S = 0.3
"""The phrase counts once it has stood in the partial transcript for this much sound: it is written there before its
last word is over, and only after that can Vosk tell where it ended."""
LEAST_CONFIDENCE = 0.5
"""Of each word of the phrase."""


class WakeSpotter:
    """Waits for one phrase. One thread owns it."""

    def __init__(self, model: VoskModel, phrase: str) -> None:
        """Raises UserError where the model does not know a word of `phrase`, and so can never hear it."""
        self._phrase = phrase.casefold().split()
        unknown = [word for word in self._phrase if not model.knows(word)]
        if unknown or not self._phrase:
            words = " and ".join(f"“{word}”" for word in unknown) or "an empty phrase"
            raise UserError(
                f"The speech model does not know {words}, so it cannot wait for “{phrase}”: choose another wake phrase "
                "in the settings, such as “hey computer”, or none."
            )
        decoys = (word for word in DECOYS if model.knows(word))
        grammar = dict.fromkeys([" ".join(self._phrase), *decoys, UNKNOWN])
        self._kaldi = vosk.KaldiRecognizer(model.handle, RATE, json.dumps(list(grammar)))
        self._kaldi.SetWords(True)
        self._samples = 0
        """Of all sound so far: Vosk counts time from the first sample it ever got."""
        self._began = 0
        """Where in it this stretch of sound began."""
        self._since: int | None = None

    def accept(self, pcm: Pcm) -> float | None:
        """Take sound (int16, mono, 16 kHz).

        Returns the end of the phrase once it was heard, in seconds from the first sample after the last `reset`.
        """
        if pcm.dtype != np.int16 or pcm.ndim != 1:
            raise TypeError(f"int16 samples of shape (n,) expected, got {pcm.dtype} of shape {pcm.shape}")
        self._samples += pcm.size
        if self._kaldi.AcceptWaveform(pcm.tobytes()):  # Vosk saw a pause
            self._since = None
            return self._end_of_phrase(json.loads(self._kaldi.Result()))
        if not self._holds(json.loads(self._kaldi.PartialResult()).get("partial", "").split()):
            self._since = None
        elif self._since is None:
            self._since = self._samples
        elif self._samples - self._since >= STABLE_S * RATE:
            self._since = None
            return self._end_of_phrase(json.loads(self._kaldi.FinalResult()))
        return None

    def reset(self) -> None:
        """Forget everything heard."""
        self._kaldi.FinalResult()
        self._began = self._samples
        self._since = None

    def _holds(self, words: list[str]) -> bool:
        return self._place(words) is not None

    def _place(self, words: list[str]) -> int | None:
        """Where in `words` the phrase ends the last time: the number of words before that; None if it is not there."""
        length = len(self._phrase)
        ends = (end for end in range(len(words), length - 1, -1) if words[end - length : end] == self._phrase)
        return next(ends, None)

    def _end_of_phrase(self, result: dict[str, list[dict[str, float | str]]]) -> float | None:
        words = result.get("result", [])
        end = self._place([str(word["word"]) for word in words])
        if end is None:
            return None
        phrase = words[end - len(self._phrase) : end]
        if min(float(word["conf"]) for word in phrase) < LEAST_CONFIDENCE:
            return None
        return max(0.0, float(phrase[-1]["end"]) - self._began / RATE)
