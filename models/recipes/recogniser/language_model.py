"""A word trigram model in back-off form, by interpolated absolute discounting (Ney, Essen and Kneser 1994).

The text comes from a grammar, so it is far more regular than speech. Two measures keep the model open: half of the
unigram's mass is spread evenly over the vocabulary, and every level is mixed with the one below it.
"""

import math
from collections import Counter, defaultdict
from dataclasses import dataclass

START, END = "<s>", "</s>"
ORDER = 3
DISCOUNT = 0.6
UNIFORM_SHARE = 0.5  # of the unigram
LOWER_SHARE = 0.15  # of the next lower order, besides what discounting gives to it
FEWEST_TRIGRAMS = 2  # a trigram counts when it was seen this often
SMALLEST_LEFTOVER = 1e-4

History = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """`explicit[h][w]`: the probability of w after history h, where kept; `back_off[h]`: the factor for other words."""

    explicit: dict[History, dict[str, float]]
    back_off: dict[History, float]

    def probability(self, history: History, word: str) -> float:
        """Return P(word | history); a history that was never kept is shortened."""
        if history not in self.explicit:
            return self.probability(history[1:], word)
        known = self.explicit[history].get(word)
        if known is not None:
            return known
        return self.back_off[history] * self.probability(history[1:], word) if history else 0.0

    def log_probability(self, words: list[str]) -> float:
        """Return the natural logarithm of the probability of a sentence, its end included."""
        history: History = (START,)
        total = 0.0
        for word in [*words, END]:
            total += math.log(self.probability(history, word))
            history = (*history, word)[-(ORDER - 1) :]
        return total


def _counts(sentences: list[str]) -> list[dict[History, Counter[str]]]:
    """Count the n-grams of each order; the last word of the history of order 1 is the sentence's start."""
    counts: list[dict[History, Counter[str]]] = [defaultdict(Counter) for _ in range(ORDER)]
    for sentence in sentences:
        words = [START, *sentence.split(), END]
        for i in range(1, len(words)):
            for order in range(min(ORDER, i + 1)):
                counts[order][tuple(words[i - order : i])][words[i]] += 1
    return counts


def _unigram(counter: Counter[str], vocabulary: tuple[str, ...]) -> dict[str, float]:
    """Mix the relative frequencies with a uniform distribution; the end of the sentence keeps its frequency."""
    total = counter.total()
    end = counter[END] / total
    even = UNIFORM_SHARE * (1 - end) / len(vocabulary)
    return {word: (1 - UNIFORM_SHARE) * counter[word] / total + even for word in vocabulary} | {END: end}


def estimate(sentences: list[str], vocabulary: tuple[str, ...]) -> LanguageModel:
    """Estimate the model; every word of `sentences` must be in `vocabulary`."""
    counts = _counts(sentences)
    model = LanguageModel({(): _unigram(counts[0][()], vocabulary)}, {})
    for order in range(1, ORDER):
        for history, counter in counts[order].items():
            kept = {word: n for word, n in counter.items() if order < 2 or n >= FEWEST_TRIGRAMS}
            if kept:
                _add(model, history, kept, counter.total())
    return model


def _add(model: LanguageModel, history: History, kept: dict[str, int], total: int) -> None:
    """Add the n-grams after `history`, smoothed with the next lower order, and the back-off weight for all others."""
    lower = {word: model.probability(history[1:], word) for word in kept}
    spread = 1 - sum(n - DISCOUNT for n in kept.values()) / total
    mixed = {
        word: (1 - LOWER_SHARE) * ((n - DISCOUNT) / total + spread * lower[word]) + LOWER_SHARE * lower[word]
        for word, n in kept.items()
    }
    others = max(1 - sum(lower.values()), SMALLEST_LEFTOVER)
    model.explicit[history] = mixed
    model.back_off[history] = max(1 - sum(mixed.values()), SMALLEST_LEFTOVER) / others
