"""The whole suite in small, on the real engines; and what its command takes and prints."""

import io
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from assistant.bench.duplex.command import duplex
from assistant.cli import app
from assistant.errors import UserError
from assistant.session.simulation.scenario import load_scenario


def run(**options: Any) -> str:
    """What the command printed for the fewest scenarios, played in this process."""
    console = Console(file=io.StringIO(), width=100)
    duplex(console, {}, **({"count": 1, "jobs": 1} | options))
    printed: str = console.file.getvalue()  # type: ignore[attr-defined]  # it is the StringIO from above
    return printed


def test_a_stop_word_is_played_and_judged() -> None:
    found = json.loads(run(only="stop-word", as_json=True))
    assert list(found) == ["machine", "seed", "scenarios", "virtual_s", "wall_s", "figures", "cases"]
    (case,) = found["cases"]
    (verdict,) = case["verdicts"]
    assert (verdict["text"], verdict["want"], verdict["decision"], verdict["yielded"]) == ("stop", "yield", "cut", True)
    assert 0.0 < verdict["ducked_after_s"] <= verdict["silent_after_s"] < 2.0
    assert abs(verdict["words_off"]) <= 2
    assert case["broken"] == []
    assert verdict["evidence"] == "stop word: stop"


def test_the_last_moment_is_the_last_tenth_of_a_second_of_the_reply() -> None:
    found = json.loads(run(only="last-moment", as_json=True))
    (verdict,) = found["cases"][0]["verdicts"]
    assert verdict["audible"]
    assert not verdict["answered_unasked"]
    assert found["cases"][0]["broken"] == []


def test_scenarios_are_kept_and_can_be_played_again(tmp_path: Path) -> None:
    printed = run(only="noise", keep=tmp_path)
    assert "1 scenarios (seed 1)" in printed
    assert "coughs and noise" in printed
    scenario = load_scenario(tmp_path / "noise-01.toml")
    assert scenario.user[-1].wav is not None
    assert (tmp_path / scenario.user[-1].wav).exists()
    assert tomllib.loads((tmp_path / "noise-01.toml").read_text())["user"][-1]["name"] == "probe"


def test_recordings_of_ones_own_are_used(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no WAV or FLAC"):
        run(only="noise", sounds=tmp_path)


def test_an_unknown_group_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(UserError, match=r'no group "coughing".*backchannel, noise'):
        run(only="coughing")


def test_the_command_line_passes_the_options_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    calls: list[dict[str, Any]] = []
    monkeypatch.setattr("assistant.bench.duplex.command.duplex", lambda *_, **options: calls.append(options))
    arguments = ["--count", "7", "--seed", "3", "--jobs", "2", "--only", "noise", "--keep", str(tmp_path), "--json"]
    assert CliRunner().invoke(app, ["bench", "duplex", *arguments]).exit_code == 0
    assert calls == [
        {"count": 7, "seed": 3, "jobs": 2, "only": "noise", "keep": tmp_path, "sounds": None, "as_json": True}
    ]
