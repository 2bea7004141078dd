"""The vocabulary, and a generator of the sentences that people say to a voice assistant.

Sentences come from a small weighted grammar (`sentences.toml`) over word classes (`vocabulary.toml`). The generator is
deterministic: the same `random.Random` gives the same sentences.
"""

import random
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PHRASES = HERE.parents[2] / "assistant" / "phrases" / "en.toml"
NO_UTTERANCES = ("noise", "trailing")  # lists there of what nobody says alone
_SLOT = re.compile(r"\{(\w+)\}")

# Shares of sentences that begin with a filler word, end with one, or run on into a second sentence.
OPENING_SHARE = 0.06
CLOSING_SHARE = 0.04
RUN_ON_SHARE = 0.08


@dataclass(frozen=True, slots=True)
class Spoken:
    """Spellings that make a synthesiser say a word as people do; any of them will do."""

    espeak: tuple[str, ...]
    other: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Slots (name -> alternatives), sentence templates, and the sorted words that both can produce."""

    slots: dict[str, tuple[str, ...]]
    sentences: tuple[str, ...]
    words: tuple[str, ...]
    spoken: dict[str, Spoken]

    def sentence(self, rng: random.Random) -> str:
        """Return one sentence: lower-case words separated by single spaces."""
        text = self._expand(rng.choice(self.sentences), rng)
        draw = rng.random()
        if draw < OPENING_SHARE:
            return f"{self._expand('{opening}', rng)} {text}"
        if draw < OPENING_SHARE + CLOSING_SHARE:
            return f"{text} {self._expand('{closing}', rng)}"
        if draw < OPENING_SHARE + CLOSING_SHARE + RUN_ON_SHARE:
            return f"{text} {self._expand(rng.choice(self.sentences), rng)}"
        return text

    def word_string(self, rng: random.Random, shortest: int = 3, longest: int = 7) -> str:
        """Return words drawn at random: every word gets heard in training, and no grammar helps to guess it."""
        return " ".join(rng.choice(self.words) for _ in range(rng.randint(shortest, longest)))

    def unknown_word(self, rng: random.Random) -> str:
        """Return a made-up word outside the vocabulary; its letters follow each other as they do in known words."""
        while True:
            word = "^^"
            while word[-1] != "$" and len(word) < 14:
                word += rng.choice(_letters_after(self.words)[word[-2:]])
            made = word.strip("^$")
            if word[-1] == "$" and len(made) > 3 and set(made) & set("aeiouy") and made not in self.words:
                return made

    def pronounceable(self, text: str, synthesiser: str, rng: random.Random) -> str:
        """Spell `text` for a synthesiser, "espeak" or "other"."""
        spellings = {word: getattr(spoken, synthesiser) for word, spoken in self.spoken.items()}
        return " ".join(rng.choice(spellings[word]) if word in spellings else word for word in text.split())

    def _expand(self, template: str, rng: random.Random) -> str:
        return _SLOT.sub(lambda match: self._expand(rng.choice(self.slots[match.group(1)]), rng), template)


@cache
def _letters_after(words: tuple[str, ...]) -> dict[str, str]:
    """For every two letters those that follow them in `words`, as often as they do; ^ begins a word, $ ends it."""
    after: dict[str, str] = {}
    for word in words:
        letters = f"^^{word}$" if word.isalpha() else ""
        for i in range(2, len(letters)):
            after[letters[i - 2 : i]] = after.get(letters[i - 2 : i], "") + letters[i]
    return after


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))


@cache
def load() -> Corpus:
    """Read the two files of the corpus. Raises KeyError if a template names a slot that does not exist."""
    vocabulary, grammar = _read("vocabulary.toml"), _read("sentences.toml")
    classes = {name: tuple(w.replace("_", " ") for w in words.split()) for name, words in vocabulary["classes"].items()}
    slots = classes | {name: tuple(phrases) for name, phrases in grammar["slots"].items()}
    sentences = tuple(template for group in grammar["sentences"].values() for template in group)
    words: set[str] = set()
    for phrase in [*sentences, *(p for alternatives in slots.values() for p in alternatives)]:
        for slot in _SLOT.findall(phrase):
            slots[slot]  # a misspelt slot fails here, not somewhere in a long training
        words.update(_SLOT.sub(" ", phrase).split())
    spoken = {
        word: Spoken(tuple(spelling["espeak"]), tuple(spelling["other"]))
        for word, spelling in vocabulary["spoken"].items()
    }
    return Corpus(slots, sentences, tuple(sorted(words)), spoken)


def assistant_phrases() -> list[str]:
    """Return what Parley itself listens for, as far as the vocabulary goes: one phrase each, without lone noises."""
    words, data = set(load().words), tomllib.loads(PHRASES.read_text(encoding="utf-8"))
    lists = [phrases for name, phrases in data.items() if isinstance(phrases, list) and name not in NO_UTTERANCES]
    return sorted({phrase for phrases in lists for phrase in phrases if words.issuperset(phrase.split())})


def held_out_sentences(count: int, seed: int, shortest: int = 4) -> tuple[str, ...]:
    """Return distinct sentences of at least `shortest` words, to be kept out of every training text.

    Fixed phrases ("what time is it") are not among them: the model should know those.
    """
    corpus, rng, chosen = load(), random.Random(seed), dict[str, None]()
    while len(chosen) < count:
        text = corpus.sentence(rng)
        if len(text.split()) >= shortest and text not in corpus.sentences:
            chosen[text] = None
    return tuple(chosen)


def training_sentences(count: int, seed: int, banned: frozenset[str]) -> list[str]:
    """Return `count` sentences, none of which is in `banned`."""
    corpus, rng, chosen = load(), random.Random(seed), list[str]()
    while len(chosen) < count:
        text = corpus.sentence(rng)
        if text not in banned:
            chosen.append(text)
    return chosen
