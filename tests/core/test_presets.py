"""The presets: complete, valid, and ordered by what they promise."""

from dataclasses import fields, replace
from typing import Any

import pytest

from assistant.core.barge_in import Action, Evidence, decide
from assistant.core.options import Options
from assistant.core.presets import PRESETS
from assistant.phrases import load_phrases
from assistant.settings import Settings

PHRASES = load_phrases()


def options(name: str) -> Options:
    values: dict[str, Any] = PRESETS[name]
    return replace(Options(), **values)


def test_each_sets_the_same_options_and_balanced_is_the_default() -> None:
    names = {field.name for field in fields(Options)}
    assert set(PRESETS) == {"sensitive", "balanced", "deliberate"}
    assert len({frozenset(preset) for preset in PRESETS.values()}) == 1
    assert all(set(preset) <= names for preset in PRESETS.values())
    assert options("balanced") == Options()


@pytest.mark.parametrize("name", PRESETS)
def test_each_value_is_a_legal_setting(name: str) -> None:
    settings = Settings.model_validate(PRESETS[name])
    assert all(getattr(settings, option) == value for option, value in PRESETS[name].items())


def test_each_is_more_patient_than_the_one_before() -> None:
    sensitive, balanced, deliberate = (options(name) for name in ("sensitive", "balanced", "deliberate"))
    for option in PRESETS["balanced"]:
        assert getattr(sensitive, option) <= getattr(balanced, option) <= getattr(deliberate, option)


@pytest.mark.parametrize(
    ("evidence", "cut_by"),
    [
        (Evidence(0.0, "stop", False), {"sensitive", "balanced", "deliberate"}),
        (Evidence(0.2, "the wolf", False), {"sensitive"}),
        (Evidence(0.3, "the wolf", False), {"sensitive", "balanced"}),
        (Evidence(0.5, "the wolf", False), {"sensitive", "balanced", "deliberate"}),
        (Evidence(0.5, "wolf", False), {"sensitive", "balanced"}),
        (Evidence(0.7, "", False), {"sensitive"}),
        (Evidence(0.9, "", False), {"sensitive", "balanced"}),
        (Evidence(0.9, "yeah", False), set()),
    ],
)
def test_what_cuts(evidence: Evidence, cut_by: set[str]) -> None:
    assert {name for name in PRESETS if decide(evidence, options(name), PHRASES).action is Action.CUT} == cut_by
