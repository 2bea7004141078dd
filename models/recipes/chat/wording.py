"""Other wordings of the same request: polite openings, rewritten questions, and the slips of speech and recognisers.

A request may hold places to fill such as ``{x}``; they are never touched.
"""

import random
import re

from models.recipes.chat.library import Split, library, plain

QUESTION = re.compile(r"(what|how|who|which|when|where|why|at what|in which|what's)\b", re.IGNORECASE)
REQUEST = re.compile(
    r"(tell|explain|give|describe|set|start|remind|name|calculate|compute|work out|say|repeat|remember|put)\b",
    re.IGNORECASE,
)
ONSETS = "b c d f g h j k l m n p r s t v w y z br ch cl dr fl gr kl kr pl sh sl st th tr".split()
VOWELS = "a e i o u a e i o u ai ea ee ia ie oa ou".split()
CODAS = ("", "", "", *"n r s l m t x d k nd ck ss th ll".split())
SMALL_WORDS = frozenset("the a an is are do does of to me in on my there you that it can for".split())


def varied(rng: random.Random, split: Split, text: str, spoken: bool) -> str:
    """Another wording of ``text``; in the training split never one that is held out."""
    if split == "held_out":
        return _framed(rng, split, text) if rng.random() < 0.35 else text
    made = _rewritten(rng, text) if rng.random() < 0.4 else text
    made = _framed(rng, split, made) if rng.random() < 0.4 else made
    made = _slipped(rng, made) if spoken and rng.random() < 0.2 else made
    made = _framed_in_noise(rng, made) if rng.random() < 0.1 else made
    return text if plain(made) in library().held_out else made


def _rewritten(rng: random.Random, text: str) -> str:
    for rewrite in library().wording.rewrites:
        if found := re.fullmatch(rewrite.said, text, re.IGNORECASE):
            return found.expand(rng.choice(rewrite.like))
    return text


def _framed(rng: random.Random, split: Split, text: str) -> str:
    """An opening, an ending, or both."""
    words = library().wording
    openings = words.openings if QUESTION.match(text) else words.polite if REQUEST.match(text) else None
    if openings is None:
        return text
    kind = rng.random()
    made = f"{rng.choice(openings[split])} {text}" if kind < 0.75 else text
    return f"{made} {rng.choice(words.endings[split])}" if kind > 0.6 else made


def _framed_in_noise(rng: random.Random, text: str) -> str:
    """A question or request with words around it that mean nothing, so that unknown ones do not mislead."""
    if not (QUESTION.match(text) or REQUEST.match(text)):
        return text
    noise = " ".join(made_up(rng) for _ in range(rng.randint(1, 2)))
    return f"{noise} {text}" if rng.random() < 0.75 else f"{text} {noise}"


def _slipped(rng: random.Random, text: str) -> str:
    """One small word lost or said twice, a letter wrong, or a plural lost or won."""
    words = text.split()
    free = [at for at, word in enumerate(words) if "{" not in word]
    small = [at for at in free if words[at].lower() in SMALL_WORDS]
    if len(words) < 4 or not free:
        return text
    at, kind = rng.choice(free), rng.random()
    if kind < 0.45 and small:
        del words[rng.choice(small)]
    elif kind < 0.65:
        words.insert(at, words[at])
    elif kind < 0.85 and len(words[at]) > 4:
        spot = rng.randrange(1, len(words[at]))
        words[at] = words[at][:spot] + words[at][spot + rng.randint(0, 1) :]
    elif len(words[at]) > 3:
        words[at] = words[at].removesuffix("s") if words[at].endswith("s") else words[at] + "s"
    return " ".join(words)


def made_up(rng: random.Random) -> str:
    """A word of one to three random syllables, none that is held out."""
    while True:
        syllables = (rng.choice(ONSETS) + rng.choice(VOWELS) for _ in range(rng.choice((1, 2, 2, 2, 3))))
        word = "".join(syllables) + rng.choice(CODAS)
        if word not in library().held_out_words:
            return word
