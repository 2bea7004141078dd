"""Phrase lists, one data file for each language, and the one function that reads them."""

import tomllib
from importlib import resources
from typing import Any

from assistant.core.phrases import Phrases, normalise


def load_phrases(language: str = "en") -> Phrases:
    """Read the phrases of `language` (the name of a data file beside this module)."""
    data = tomllib.loads((resources.files(__name__) / f"{language}.toml").read_text(encoding="utf-8"))
    sentences = data.pop("sentences")
    contrast = data.pop("contrast")
    lists: dict[str, Any] = {name: frozenset(normalise(phrase) for phrase in phrases) for name, phrases in data.items()}
    return Phrases(contrast=normalise(contrast), **lists, **sentences)
