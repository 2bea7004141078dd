"""The demonstration, from beginning to end on the real engines."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from assistant.demo import play_demo
from assistant.narrator import times_table
from assistant.session.simulation.simulate import Outcome


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, str, Path]:
    """What came of it, what was shown, and where its files are."""
    out = tmp_path_factory.mktemp("demo") / "parley-demo"
    console = Console(record=True, width=100, file=io.StringIO())
    return play_demo(console, out, {}), console.export_text(), out


def test_it_shows_every_kind_of_interruption(played: tuple[Outcome, str, Path]) -> None:
    users = {user["name"]: user for user in played[0].report["users"]}
    assert [(user["name"], user["decision"], user["kind"]) for user in users.values()] == [
        ("question", "ignore", None),
        ("joke", "ignore", None),
        ("correction", "cut", "correction"),
        ("yeah", "restore", "backchannel"),
        ("stop", "cut", "cancellation"),
        ("continue", "ignore", None),
        ("Stop button", "cut", "cancellation"),
    ]


def test_what_is_said_is_understood(played: tuple[Outcome, str, Path]) -> None:
    users = {user["name"]: user for user in played[0].report["users"]}
    for name in ("question", "joke", "correction"):
        said = {act.name: act.entry.say for act in played[0].acts}[name]
        assert users[name]["transcript"] == said
    question, *_, resumed = played[0].report["replies"]
    assert "Paris" in question["text"]
    assert resumed["tokens"] == 0


def test_the_conversation_is_shown_with_its_times_and_its_files(played: tuple[Outcome, str, Path]) -> None:
    outcome, shown, out = played
    for text in ("The capital of France is Paris.", " // ", "press Stop", "Parley goes on: backchannel", "turn over"):
        assert text in shown
    assert str(out / "room.wav") in shown
    assert {file.name for file in out.iterdir()} == {"room.wav", "events.jsonl", "timeline.png"}
    assert len((out / "events.jsonl").read_text().splitlines()) == len(outcome.report["events"])
    assert json.dumps(outcome.report)


def test_the_table_gives_milliseconds() -> None:
    user = dict.fromkeys("ducked_s cut_s last_audible_s endpoint_s reply_audible_s kind onset_s end_s".split())
    cut = {"onset_s": 1.0, "end_s": 1.5, "ducked_s": 1.1, "cut_s": 1.35, "last_audible_s": 1.358, "decision": "cut"}
    console = Console(record=True, width=100, file=io.StringIO())
    rows = [user | cut | {"name": "stop", "kind": "cancellation"}, user | {"name": "never", "decision": "ignore"}]
    console.print(times_table(rows))
    lines = console.export_text().splitlines()
    assert any(line.split() == ["stop", "stops", "(cancellation)", "100", "350", "8"] for line in lines)
    assert any("did not happen" in line for line in lines)
