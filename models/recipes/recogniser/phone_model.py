"""The denominator of LF-MMI: a trigram model of phones, estimated on transcripts."""

import random
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.recipes.recogniser import lexicon

DISCOUNT = 0.5
SILENCE_AT_ENDS = 0.9  # how often an utterance begins or ends with silence
SILENCE_BETWEEN_WORDS = 0.12
SMALLEST_FINAL = 1e-4


@dataclass(frozen=True, slots=True)
class PhoneModel:
    """Probabilities over P phones. The phone before the first one is written P, so there are P + 1 contexts.

    `next[p, o, q]` float32 (P, P + 1, P): of phone q after o and p; `first[p]` (P,): of beginning with p;
    `final[p, o]` (P, P + 1): of ending after o and p.
    """

    next: NDArray[np.float32]
    first: NDArray[np.float32]
    final: NDArray[np.float32]


def phone_sequence(text: str, rng: random.Random) -> list[int]:
    """Return one way to say `text`: ids of phones, with silences at random."""
    silence = lexicon.PHONE_ID[lexicon.SILENCE]
    sequence = [silence] if rng.random() < SILENCE_AT_ENDS or not text else []
    for word in text.split():
        sequence += [lexicon.PHONE_ID[phone] for phone in rng.choice(lexicon.pronunciations(word))]
        if rng.random() < SILENCE_BETWEEN_WORDS:
            sequence.append(silence)
    if sequence[-1] != silence and rng.random() < SILENCE_AT_ENDS:
        sequence.append(silence)
    return sequence


def _smooth(counts: NDArray[np.float64], lower: NDArray[np.float64]) -> NDArray[np.float64]:
    """Interpolated absolute discounting (Ney, Essen and Kneser 1994) along the last axis."""
    total = np.maximum(counts.sum(-1, keepdims=True), 1)
    kept = np.maximum(counts - DISCOUNT, 0) / total
    return np.asarray(kept + (1 - kept.sum(-1, keepdims=True)) * lower)


def estimate(texts: list[str], seed: int) -> PhoneModel:
    """Count phone trigrams of `texts` and smooth them."""
    phones = len(lexicon.PHONES)
    rng = random.Random(seed)
    first = np.zeros(phones)
    counts = np.zeros((phones + 1, phones, phones + 1))  # before, current, next; the last next is the end
    for text in texts:
        sequence = phone_sequence(text, rng)
        first[sequence[0]] += 1
        for before, current, following in zip([phones, *sequence], sequence, [*sequence[1:], phones], strict=False):
            counts[before, current, following] += 1
    unigram = counts.sum((0, 1)) + 1
    bigram = _smooth(counts.sum(0), unigram / unigram.sum())
    trigram = _smooth(counts, bigram[None])
    silence = lexicon.PHONE_ID[lexicon.SILENCE]
    trigram[:, silence, silence] = 0  # one silence of any length is one phone
    return PhoneModel(
        next=np.ascontiguousarray(trigram[:, :, :phones].transpose(1, 0, 2), np.float32),
        first=((first + 0.5) / (first + 0.5).sum()).astype(np.float32),
        final=np.ascontiguousarray(np.maximum(trigram[:, :, phones], SMALLEST_FINAL).T, np.float32),
    )
