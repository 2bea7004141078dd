"""Vosk with the model under test: words, times and confidences of recordings, and the counting of errors."""

import json
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import vosk
from numpy.typing import NDArray

from models.recipes.recogniser import features
from models.recipes.recogniser.lexicon import UNKNOWN_WORD

CHUNK = 480  # samples handed over at a time: 30 ms, as a microphone would
BEFORE, AFTER = 0.3, 0.8  # seconds of near-silence around each recording
FLOOR = 3.0  # standard deviation of the noise that every recording gets, on the 16-bit scale


@dataclass(frozen=True, slots=True)
class Word:
    """A recognised word with its times in seconds and its confidence, 0 to 1."""

    text: str
    start: float
    end: float
    confidence: float


@dataclass(slots=True)
class Timing:
    """CPU time per audio time, and how late words appear in partial results, in seconds after their end."""

    audio: float = 0.0
    cpu: float = 0.0
    word_delays: list[float] = field(default_factory=list)


class Listener:
    """Vosk with one model; every recording gets a recogniser of its own."""

    def __init__(self, model: Path) -> None:
        vosk.SetLogLevel(-1)
        self._model = vosk.Model(str(model))
        self.timing = Timing()

    def hear(self, sound: NDArray[np.floating], grammar: tuple[str, ...] | None = None) -> list[Word]:
        """Return the words heard in 16 kHz `sound` on the 16-bit scale; `grammar` bounds them to these phrases.

        [unk] is not among them.
        """
        arguments = (self._model, features.SAMPLE_RATE, *([json.dumps(grammar)] if grammar else []))
        recogniser = vosk.KaldiRecognizer(*arguments)
        recogniser.SetWords(True)
        samples = np.clip(np.round(sound), -32768, 32767).astype("<i2")
        started, finished = time.process_time(), list[Word]()
        partials: list[tuple[float, list[str]]] = []
        for at in range(0, len(samples), CHUNK):
            if recogniser.AcceptWaveform(samples[at : at + CHUNK].tobytes()):
                finished += _words(recogniser.Result())
                partials.clear()
            else:
                partial = str(json.loads(recogniser.PartialResult())["partial"])
                partials.append(((at + CHUNK) / features.SAMPLE_RATE, partial.split()))
        finished += _words(recogniser.FinalResult())
        self.timing.cpu += time.process_time() - started
        self.timing.audio += len(samples) / features.SAMPLE_RATE
        if grammar is None:
            self._note_delays(finished, partials)
        return [word for word in finished if word.text != UNKNOWN_WORD]

    def _note_delays(self, finished: list[Word], partials: list[tuple[float, list[str]]]) -> None:
        words = [word.text for word in finished]
        for i, word in enumerate(finished):
            shown = [at for at, partial in partials if partial[: i + 1] == words[: i + 1]]
            self.timing.word_delays += [shown[0] - word.end] if shown else []


def _words(result: str) -> list[Word]:
    return [Word(w["word"], w["start"], w["end"], w["conf"]) for w in json.loads(result).get("result", [])]


def texts(words: list[Word]) -> list[str]:
    """The words without times."""
    return [word.text for word in words]


def padded(samples: NDArray[np.floating] | NDArray[np.integer], rng: np.random.Generator) -> NDArray[np.float64]:
    """Put a short near-silence around a recording (16-bit scale): no microphone is ever digitally silent."""
    before, after = (int(features.SAMPLE_RATE * seconds) for seconds in (BEFORE, AFTER))
    sound = np.pad(samples.astype(np.float64), (before, after))
    return np.asarray(sound + FLOOR * rng.standard_normal(len(sound)))


def edit_distance(wanted: list[str], heard: list[str]) -> int:
    """The fewest insertions, deletions and substitutions of words that turn one into the other (Levenshtein 1966)."""
    return sum(heard_word != wanted_word for wanted_word, heard_word in aligned(wanted, heard))


def aligned(wanted: list[str], heard: list[str]) -> list[tuple[str | None, str | None]]:
    """Pair the words of two texts with the fewest errors; None stands opposite a word that has no partner."""
    cost = np.zeros((len(wanted) + 1, len(heard) + 1), int)
    cost[:, 0], cost[0] = np.arange(len(wanted) + 1), np.arange(len(heard) + 1)
    for i, word in enumerate(wanted, 1):
        for j, other in enumerate(heard, 1):
            cost[i, j] = min(cost[i - 1, j] + 1, cost[i, j - 1] + 1, cost[i - 1, j - 1] + (word != other))
    pairs: list[tuple[str | None, str | None]] = []
    i, j = len(wanted), len(heard)
    while i or j:
        if i and j and cost[i, j] == cost[i - 1, j - 1] + (wanted[i - 1] != heard[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((wanted[i], heard[j]))
        elif i and cost[i, j] == cost[i - 1, j] + 1:
            i -= 1
            pairs.append((wanted[i], None))
        else:
            j -= 1
            pairs.append((None, heard[j]))
    return pairs[::-1]


@dataclass(slots=True)
class Score:
    """Errors in one kind of recording."""

    sentences: int = 0
    right_sentences: int = 0
    words: int = 0
    wrong_words: int = 0

    def count(self, wanted: list[str], heard: list[str]) -> None:
        """Add one sentence."""
        errors = edit_distance(wanted, heard)
        self.sentences += 1
        self.right_sentences += errors == 0
        self.words += len(wanted)
        self.wrong_words += errors

    @property
    def word_error_rate(self) -> float:
        """Per cent of the words that were said."""
        return 100 * self.wrong_words / max(1, self.words)

    @property
    def right(self) -> float:
        """Per cent of the sentences without an error."""
        return 100 * self.right_sentences / max(1, self.sentences)
