"""Phrase lists, one data file for each language, and the one function that reads them."""

import tomllib
from importlib import resources

from assistant.core.phrases import Phrases, normalise


def load_phrases(language: str = "en") -> Phrases:
    """Read the phrases of `language` (the name of a data file beside this module)."""
    data = tomllib.loads((resources.files(__name__) / f"{language}.toml").read_text(encoding="utf-8"))
    sets = {key: frozenset(normalise(p) for p in data[key]) for key in ("backchannel", "cancel", "resume", "clarify")}
    return Phrases(
        **sets,
        correct=tuple(normalise(p) for p in data["correct"]),
        redirect=tuple(normalise(p) for p in data["redirect"]),
        fillers=frozenset(normalise(p) for p in data["fillers"]),
        before_cancel=frozenset(normalise(p) for p in data["before_cancel"]),
        trailing=frozenset(normalise(p) for p in data["trailing"]),
        nothing_left=data["nothing_left"],
    )
