"""Turns of a dialogue, the writer that words them, and their rendering in ChatML."""

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from models.recipes.chat.library import Split, library
from models.recipes.chat.wording import made_up, varied

T = TypeVar("T")
Role = Literal["system", "user", "assistant", "tool"]
CUT_MARK = " ..."
CAPITAL_LISTS = ("girls", "boys", "places")
OPEN_LISTS = (*CAPITAL_LISTS, "objects", "labels", "things", "nonsense")
_QUESTION = re.compile(r"^(what|how|who|which|when|where|why|do|does|can|could|are|is|may|did|at what|in which)\b")
_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


@dataclass(frozen=True, slots=True)
class Turn:
    """One message. ``learn``: the loss covers it.

    For the evaluation: ``keys`` are wordings of which a correct reply contains one, ``skill`` names what it shows.
    """

    role: Role
    text: str
    learn: bool = False
    keys: tuple[str, ...] = ()
    skill: str = ""


def reply(text: str, *keys: str, skill: str = "") -> Turn:
    """A whole reply of the assistant, which the model learns to say."""
    return Turn("assistant", text, learn=True, keys=keys, skill=skill)


def cut_off(rng: random.Random, text: str) -> Turn:
    """A reply as it stands in the history after a barge-in: the words heard and the cut mark. Never learned."""
    words = text.split(" ")
    heard = " ".join(words[: rng.randint(1, max(1, len(words) - 2))])
    return Turn("assistant", heard + CUT_MARK)


def number_words(n: int) -> str:
    """0 to 999 in words, as a speech recogniser writes them: ``42 -> "forty two"``."""
    if n >= 100:
        rest = n % 100
        return f"{_ONES[n // 100]} hundred" + (f" {number_words(rest)}" if rest else "")
    if n < 20:
        return _ONES[n]
    tens = _TENS[n // 10 - 2]
    return tens if n % 10 == 0 else f"{tens} {_ONES[n % 10]}"


class Writer:
    """Words the turns of one dialogue: picks from one split, speaks or types, knows which tools are on."""

    def __init__(self, rng: random.Random, split: Split = "train", tools: Sequence[str] = ()) -> None:
        self.rng = rng
        self.split: Split = split
        self.typed = rng.random() < 0.35
        self.tools = tuple(tools)

    def chance(self, p: float) -> bool:
        """True with probability ``p``."""
        return self.rng.random() < p

    def pick(self, items: Iterable[T]) -> T:
        """One of ``items``, all equally likely."""
        return self.rng.choice(tuple(items))

    def word(self, name: str) -> str:
        """A word of the list ``name`` in ``words.toml``; in training often a made-up one, if the list is open."""
        if self.split == "train" and name in OPEN_LISTS and self.chance(0.4):
            word = made_up(self.rng)
            return word.capitalize() if name in CAPITAL_LISTS else f"the {word}" if name == "objects" else word
        return self.pick(library().words[name][self.split])

    def ask(self, name: str, **slots: str) -> Turn:
        """A user's turn by the intention ``name`` in ``phrases.toml``, with its slots filled."""
        return self.question(self.pick(library().phrases[name][self.split]), **slots)

    def question(self, template: str, **slots: str) -> Turn:
        """A user's turn in one of many wordings of ``template``."""
        return self.say(varied(self.rng, self.split, template, not self.typed).format(**slots))

    def say(self, text: str) -> Turn:
        """A user's turn: typed with a capital and often punctuation, or spoken, lower case and without."""
        if not self.typed:
            return Turn("user", " ".join(re.sub(r"[^\w' ]", " ", text.lower()).split()))
        text = text[0].upper() + text[1:]
        if self.chance(0.6) and text[-1] not in ".?!":
            text += "?" if _QUESTION.match(text.lower()) else "."
        return Turn("user", text)

    def number(self, n: int) -> str:
        """A number in digits (always when typed, sometimes when spoken) or in words."""
        return str(n) if self.typed or self.chance(0.2) else number_words(n)


def opened_with(turn: Turn, word: str) -> Turn:
    """The same user's turn after an interjection such as "wait"."""
    if turn.text[:1].isupper():
        return replace(turn, text=f"{word.capitalize()}, {turn.text[0].lower()}{turn.text[1:]}")
    return replace(turn, text=f"{word} {turn.text}")


def segments(turns: Sequence[Turn]) -> list[tuple[str, bool]]:
    """ChatML as ``(text, learn)`` pieces: headers are never learned, a learned reply includes its end mark."""
    pieces: list[tuple[str, bool]] = []
    for turn in turns:
        pieces += [(f"<|im_start|>{turn.role}\n", False), (f"{turn.text}<|im_end|>", turn.learn), ("\n", False)]
    return pieces
