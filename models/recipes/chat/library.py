"""The hand-written texts of the corpus, read from the TOML files under ``data/``."""

import tomllib
from dataclasses import dataclass
from functools import cache
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
    """Questions that share their answers: a fact (one answer, with a ``key`` to check it by) or small talk."""

    ask: tuple[str, ...]
    held_out: str
    say: tuple[str, ...]
    key: str

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
class Library:
    """Everything that was written for the corpus."""

    stories: tuple[Story, ...]
    explanations: tuple[Explanation, ...]
    facts: tuple[Answer, ...]
    smalltalk: tuple[Answer, ...]
    capitals: dict[str, str]
    jokes: tuple[str, ...]
    unknown: Unknown
    words: dict[str, dict[str, tuple[str, ...]]]
    phrases: dict[str, dict[str, tuple[str, ...]]]


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
    return Unknown(
        plain=tuple(raw["admit"]["plain"]),
        about=tuple(raw["admit"]["about"]),
        refusals=tuple(raw["cannot"]["say"]),
        wishes=_splits(raw["cannot"]),
        templates=_splits(raw["templates"]),
        nouns=_splits(raw["nouns"]),
        questions=_splits(raw["questions"]),
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
            Answer(tuple(c["ask"]), c["held_out"], tuple(c["say"]), "") for c in _read("smalltalk")["chat"]
        ),
        capitals=facts["capitals"],
        jokes=tuple(_read("jokes")["jokes"]),
        unknown=_unknown(),
        words={name: _splits(table) for name, table in _read("words").items()},
        phrases={name: _splits(table) for name, table in _read("phrases").items()},
    )
