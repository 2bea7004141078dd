"""The hand-written texts of the corpus, read from the TOML files under ``data/``."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

Split = Literal["train", "held_out"]
DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Story:
    """A story with ``{hero}`` and ``{friend}`` left open; ``about`` lists what a user may ask for."""

    about: tuple[str, ...]
    short: str
    sentences: tuple[str, ...]
    friend: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """A topic, the questions that ask for it, and the answer in a long and a short form."""

    topic: str
    ask: tuple[str, ...]
    held_out: str
    short: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Questions that share their answers: a fact (one answer, with a ``key`` to check it by) or small talk.

    ``more``: what follows when the user wants to hear more, empty if nothing does.
    """

    ask: tuple[str, ...]
    held_out: str
    say: tuple[str, ...]
    key: str
    more: str = ""

    def questions(self, split: Split) -> tuple[str, ...]:
        """The wordings of one split."""
        return self.ask if split == "train" else (self.held_out,)


@dataclass(frozen=True, slots=True)
class Unknown:
    """What the model cannot know or do, by split, and how it says so."""

    plain: tuple[str, ...]
    about: tuple[str, ...]
    refusals: tuple[str, ...]
    wishes: dict[str, tuple[str, ...]]
    templates: dict[str, tuple[str, ...]]
    nouns: dict[str, tuple[str, ...]]
    questions: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Rewrite:
    """What can be said instead of a wording that matches the regular expression ``said``."""

    said: str
    like: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wording:
    """What goes before a question or a request and after either, by split; and other forms of common questions."""

    openings: dict[str, tuple[str, ...]]
    polite: dict[str, tuple[str, ...]]
    endings: dict[str, tuple[str, ...]]
    rewrites: tuple[Rewrite, ...]


@dataclass(frozen=True)
class Library:
    """Everything that was written for the corpus."""

    stories: tuple[Story, ...]
    explanations: tuple[Explanation, ...]
    facts: tuple[Answer, ...]
    smalltalk: tuple[Answer, ...]
    capitals: dict[str, str]
    jokes: tuple[str, ...]
    unknown: Unknown
    wording: Wording
    words: dict[str, dict[str, tuple[str, ...]]]
    phrases: dict[str, dict[str, tuple[str, ...]]]

    @cached_property
    def held_out(self) -> frozenset[str]:
        """All wordings kept for the evaluation, plain, with their places to fill."""
        texts = [answer.held_out for answer in (*self.facts, *self.smalltalk)]
        texts += [explanation.held_out for explanation in self.explanations]
        texts += [phrase for table in self.phrases.values() for phrase in table["held_out"]]
        texts += [t for table in (self.unknown.wishes, self.unknown.templates, self.unknown.questions)
                  for t in table["held_out"]]  # fmt: skip
        return frozenset(plain(text) for text in texts)

    @cached_property
    def held_out_words(self) -> frozenset[str]:
        """The names, things, tasks and unknown nouns kept for the evaluation, in lower case."""
        lists = [t["held_out"] for t in self.words.values() if t["held_out"] != t["train"]]
        return frozenset(word.lower() for words in (*lists, self.unknown.nouns["held_out"]) for word in words)

    @cached_property
    def names(self) -> frozenset[str]:
        """First names of the training, in lower case; the tokenizer spells them, as it spells unknown names."""
        return frozenset(name.lower() for kind in ("girls", "boys") for name in self.words[kind]["train"])

    @cached_property
    def vocabulary(self) -> tuple[str, ...]:
        """The lower-case words of the stories, explanations and training lists, without punctuation."""
        texts = [sentence for story in self.stories for sentence in story.sentences]
        texts += [sentence for explanation in self.explanations for sentence in explanation.sentences]
        texts += [word for table in self.words.values() for word in table["train"]]
        texts += self.unknown.nouns["train"]
        found = {word for text in texts for word in re.findall(r"(?<![\w{'])[a-z]+(?![\w}'])", text)}
        return tuple(sorted(found - self.held_out_words))


def plain(text: str) -> str:
    """Lower case and no punctuation, so that spoken and typed wordings are equal; ``{x}`` stays."""
    return " ".join(re.sub(r"[^\w'{} ]", " ", text.lower()).split())


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))


def _words(value: str | list[str]) -> tuple[str, ...]:
    """A list as it is; a string split at its commas, or at its spaces if it has none."""
    if isinstance(value, list):
        return tuple(value)
    parts = value.split(",") if "," in value else value.split()
    return tuple(part.strip() for part in parts)


def _splits(table: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """The ``train`` and ``held_out`` lists of a table; a table without ``held_out`` uses ``train`` for both."""
    train = _words(table["train"])
    return {"train": train, "held_out": _words(table["held_out"]) if "held_out" in table else train}


def _unknown() -> Unknown:
    raw = _read("unknown")
    known = " ".join(
        [e["topic"] for e in _read("explanations")["explanation"]]
        + [q for f in _read("facts")["fact"] for q in f["ask"]]
    )
    return Unknown(
        plain=tuple(raw["admit"]["plain"]),
        about=tuple(raw["admit"]["about"]),
        refusals=tuple(raw["cannot"]["say"]),
        wishes=_splits(raw["cannot"]),
        templates=_splits(raw["templates"]),
        nouns={
            split: tuple(noun for noun in nouns if not re.search(rf"\b{noun.rstrip('s')}s?\b", known))
            for split, nouns in _splits(raw["nouns"]).items()
        },
        questions=_splits(raw["questions"]),
    )


def _wording() -> Wording:
    raw = _read("wording")
    return Wording(
        openings=_splits(raw["openings"]),
        polite=_splits(raw["polite"]),
        endings=_splits(raw["endings"]),
        rewrites=tuple(Rewrite(r["said"], tuple(r["like"])) for r in raw["rewrite"]),
    )


@cache
def library() -> Library:
    """Read the data files once."""
    facts = _read("facts")
    return Library(
        stories=tuple(
            Story(tuple(s["about"]), s["short"], tuple(s["sentences"]), s.get("friend", "boys"))
            for s in _read("stories")["story"]
        ),
        explanations=tuple(
            Explanation(e["topic"], tuple(e["ask"]), e["held_out"], e["short"], tuple(e["sentences"]))
            for e in _read("explanations")["explanation"]
        ),
        facts=tuple(Answer(tuple(f["ask"]), f["held_out"], (f["say"],), f["key"]) for f in facts["fact"]),
        smalltalk=tuple(
            Answer(tuple(c["ask"]), c["held_out"], tuple(c["say"]), "", c.get("more", ""))
            for c in _read("smalltalk")["chat"]
        ),
        capitals=facts["capitals"],
        jokes=tuple(_read("jokes")["jokes"]),
        unknown=_unknown(),
        wording=_wording(),
        words={name: _splits(table) for name, table in _read("words").items()},
        phrases={name: _splits(table) for name, table in _read("phrases").items()},
    )
