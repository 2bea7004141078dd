"""Playing the scenarios of `tests/scenarios`, each once for all tests, and reading their reports."""

import functools
from pathlib import Path
from typing import Any

from assistant.session.simulation.simulate import Outcome, simulate
from assistant.settings import Settings

FOLDER = Path(__file__).parent.parent / "scenarios"
ALL = sorted(path.stem for path in FOLDER.glob("*.toml"))
SILENT_WITHIN_S = 0.03
"""A cut is silent within this much virtual time: the rest of a block of 10 ms, and the fade."""


@functools.cache
def play(name: str) -> Outcome:
    """Play a scenario, once for all tests."""
    return simulate(FOLDER / f"{name}.toml", Settings())


def users(name: str) -> dict[str, dict[str, Any]]:
    """What came of each entry of a scenario, by the entry's name."""
    return {user["name"]: user for user in play(name).report["users"]}


def replies(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = play(name).report["replies"]
    return found


def events(name: str, *kinds: str) -> list[dict[str, Any]]:
    """The events and effects of the given kinds, in order."""
    return [event for event in play(name).report["events"] if event["event"] in kinds]


def records(name: str) -> list[dict[str, Any]]:
    """The ledger: the record of each cut and of each restore."""
    found: list[dict[str, Any]] = play(name).report["ledger"]
    return found


def history(name: str) -> list[tuple[str, str]]:
    """Role and text of the messages as the model would see them next, without the instructions."""
    return [(m["role"], m["text"]) for m in play(name).report["history"] if m["role"] != "system"]


def assert_cut(user: dict[str, Any], reason: str, kind: str | None) -> None:
    assert (user["decision"], user["reason"], user["kind"]) == ("cut", reason, kind)
    assert user["onset_s"] <= user["cut_s"]
    assert user["last_audible_s"] <= user["cut_s"] + SILENT_WITHIN_S


def assert_cut_by_voice(user: dict[str, Any], kind: str) -> None:
    assert_cut(user, "user_speaking", kind)
    assert user["ducked_s"] - user["onset_s"] < 0.4
    assert user["cut_s"] - user["onset_s"] < 0.8
