"""Copying drills: short exchanges over random words that can only be answered by looking back at the question.

A small network learns to copy only if it must: dialogues from templates can mostly be known by heart. The training
begins with these drills alone and keeps a share of them to its end. Attention heads that continue an earlier passage
("induction heads", Olsson et al. 2022, arXiv:2209.11895) form on such data.
"""

import random
from collections.abc import Callable

from models.recipes.chat.library import library
from models.recipes.chat.turns import Turn, Writer, number_words, reply
from models.recipes.chat.wording import made_up

SIGNS = {"plus": "+", "minus": "-", "times": "*", "divided by": "/"}


def any_word(rng: random.Random) -> str:
    """A made-up word, a word of the hand-written texts, or a number in digits or words."""
    kind = rng.random()
    if kind < 0.45:
        return made_up(rng)
    if kind < 0.85:
        return rng.choice(library().vocabulary)
    n = rng.randint(0, 99)
    return str(n) if kind < 0.92 else number_words(n)


def some_words(rng: random.Random, low: int, high: int) -> str:
    """Between ``low`` and ``high`` random words."""
    return " ".join(any_word(rng) for _ in range(rng.randint(low, high)))


def repeated(w: Writer) -> list[Turn]:
    """The same words again, bare, in quotation marks, or after a colon."""
    text = some_words(w.rng, 1, 9)
    answer = w.pick((text, f'"{text}"', f"Okay: {text}.", f"{text} and {text}"))
    return [Turn("user", f"copy {text}"), reply(answer)]


def looked_up(w: Writer) -> list[Turn]:
    """A few pairs, and a question for one of them."""
    keys = [any_word(w.rng) for _ in range(w.rng.randint(2, 5))]
    values = [some_words(w.rng, 1, 2) for _ in keys]
    at = w.rng.randrange(len(keys))
    is_ = w.pick(("is", "has", "means", ":"))
    pairs = " , ".join(f"{key} {is_} {value}" for key, value in zip(keys, values, strict=True))
    return [Turn("user", f"{pairs} , what {is_} {keys[at]}"), reply(f"{keys[at]} {is_} {values[at]}.")]


def corrected(w: Writer) -> list[Turn]:
    """Words with one of them replaced afterwards; the answer has the new word in the place of the old one."""
    before, old, new, after = (some_words(w.rng, *span) for span in ((1, 3), (1, 1), (1, 1), (1, 3)))
    fix = w.pick((f"no not {old} {new}", f"{new} instead of {old}", f"not {old} i said {new}"))
    return [
        Turn("user", f"list {before} {old} {after}"),
        reply(f"Okay: {before} {old} {after}."),
        Turn("user", fix),
        reply(f"Okay: {before} {new} {after}."),
    ]


def capitalised(w: Writer) -> list[Turn]:
    """Names, which are heard in lower case and written with a capital."""
    names = [w.word(w.pick(("girls", "boys"))) for _ in range(w.rng.randint(1, 4))]
    asked = f"{w.pick(('say hello to', 'greet', 'names'))} {' and '.join(names).lower()}"
    return [Turn("user", asked), reply(f"Hello {' and '.join(names)}.")]


def in_digits(w: Writer) -> list[Turn]:
    """Numbers from words into digits, and sums into signs."""
    numbers = [w.rng.randint(0, 99) for _ in range(w.rng.randint(1, 4))]
    words = [w.pick(tuple(SIGNS)) for _ in numbers[1:]] + [""]
    heard = " ".join(f"{number_words(n)} {word}".strip() for n, word in zip(numbers, words, strict=True))
    signs = " ".join(f"{n} {SIGNS.get(word, '')}".strip() for n, word in zip(numbers, words, strict=True))
    return [Turn("user", f"write {heard}"), reply(w.pick((signs, f'"{signs}"', f"Okay: {signs}.")))]


DRILLS: tuple[Callable[[Writer], list[Turn]], ...] = (repeated, repeated, looked_up, corrected, capitalised, in_digits)


def drill(w: Writer) -> list[Turn]:
    """Any of the drills."""
    return w.pick(DRILLS)(w)
