"""The figures of the models, and the command that prints them. The evaluations are tested with their recipes."""

import importlib.util
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from assistant.bench import models
from assistant.bench.models import bench_models
from assistant.cli import app
from assistant.errors import UserError
from assistant.library import starter_paths
from models.recipes.figures import Figure, by_group, markdown

GOOD = Figure("People", "digits", 96.5, "%", 120, ">= 95", "grammar")
BAD = Figure("Noise", "words a minute", 1.25, "", 6, "<= 1")
PLAIN = Figure("People", "CPU time", 0.044, "s", 120)
CARD = """\
| People   | measured | target | met | n   | note    |
| -------- | -------- | ------ | --- | --- | ------- |
| digits   | 96.5 %   | >= 95  | yes | 120 | grammar |
| CPU time | 0.04 s   |        |     | 120 |         |

| Noise          | measured | target | met | n |
| -------------- | -------- | ------ | --- | - |
| words a minute | 1.2      | <= 1   | no  | 6 |"""

Calls = list[tuple[Any, ...]]


@pytest.fixture
def evaluations(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """Evaluations that take no time. Returns what they were called with."""
    calls: Calls = []

    def recogniser(model: Path, work: Path, speech: Path | None) -> list[Figure]:
        calls.append(("recogniser", model, work.is_dir(), speech))
        return [GOOD, BAD, PLAIN]

    def chat(model: Path) -> list[Figure]:
        calls.append(("chat", model))
        return [GOOD]

    replace(monkeypatch, "recogniser", recogniser)
    replace(monkeypatch, "chat", chat)
    return calls


def replace(monkeypatch: pytest.MonkeyPatch, part: str, evaluate: Callable[..., list[Figure]]) -> None:
    module = ModuleType("evaluation")
    module.__dict__["evaluate"] = evaluate
    monkeypatch.setitem(sys.modules, f"models.recipes.{part}.evaluation", module)


def run(width: int = 100, **options: Any) -> tuple[int, str]:
    """What the command returned and printed."""
    console = Console(file=io.StringIO(), width=width)
    failed = bench_models(console, options.pop("overrides", {}), **options)
    printed: str = console.file.getvalue()  # type: ignore[attr-defined]  # it is the StringIO from above
    return failed, printed


@pytest.mark.parametrize(
    ("value", "target", "met"),
    [(95.0, ">= 95", True), (94.99, ">= 95", False), (3.0, "<= 3", True), (3.01, "<= 3", False), (1.0, "", None)],
)
def test_a_target_is_met_or_not(value: float, target: str, met: bool | None) -> None:
    assert Figure("", "", value, "%", 1, target).met is met


@pytest.mark.parametrize("target", ["95", "> 95", ">=95", ">= many"])
def test_a_target_of_another_form_is_a_defect(target: str) -> None:
    with pytest.raises(ValueError, match=">= 95"):
        Figure("", "", 1.0, "", 1, target)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0, "0 ms"), (0.456, "0.46 ms"), (-2.34, "-2.3 ms"), (99.95, "100.0 ms"), (1234.5, "1234 ms")],
)
def test_a_number_has_the_digits_that_it_deserves(value: float, shown: str) -> None:
    assert Figure("", "", value, "ms", 1).number == shown


def test_figures_stand_in_groups_in_the_order_in_which_they_come() -> None:
    assert by_group([GOOD, BAD, PLAIN]) == {"People": [GOOD, PLAIN], "Noise": [BAD]}


def test_the_table_of_a_model_card() -> None:
    assert markdown([GOOD, BAD, PLAIN]) == CARD
    assert markdown([]) == ""


def test_what_is_printed(evaluations: Calls) -> None:
    failed, printed = run()
    lines = [line.split() for line in printed.splitlines()]
    assert failed == 0
    assert ["digits", "(grammar)", "96.5", "%", ">=", "95", "yes", "120"] in lines
    assert ["words", "a", "minute", "1.2", "<=", "1", "no", "6"] in lines
    assert ["CPU", "time", "0.04", "s", "120"] in lines
    assert f"1 of 2 targets met by {starter_paths()[0]}." in printed
    assert f"1 of 1 targets met by {starter_paths()[1]}." in printed
    assert max(map(len, run(width=60, only="chat")[1].splitlines()[:4])) <= 60


def test_both_models_are_evaluated_or_one(evaluations: Calls, tmp_path: Path) -> None:
    run(speech=tmp_path)
    assert evaluations == [("recogniser", starter_paths()[0], True, tmp_path), ("chat", starter_paths()[1])]
    evaluations.clear()
    run(only="chat")
    assert evaluations == [("chat", starter_paths()[1])]


def test_a_model_of_the_users_own_is_evaluated(evaluations: Calls, tmp_path: Path) -> None:
    own = tmp_path / "own.gguf"
    own.write_bytes(starter_paths()[1].read_bytes())
    assert run(only="chat", overrides={"chat_model": str(own)})[0] == 0
    assert evaluations == [("chat", own)]
    own.unlink()
    failed, printed = run(width=300, only="chat", overrides={"chat_model": str(own)})
    assert failed == 1
    assert f"There is no chat model at {own}" in printed


def test_markdown_is_what_the_cards_quote(evaluations: Calls) -> None:
    assert CARD + "\n" in run(width=20, markdown=True)[1]


def test_json_is_one_object(evaluations: Calls) -> None:
    found = json.loads(run(as_json=True)[1])
    assert list(found) == ["machine", "models"]
    recogniser = found["models"]["recogniser"]
    assert (recogniser["model"], recogniser["problem"]) == (str(starter_paths()[0]), None)
    assert recogniser["figures"][0] == {
        "group": "People",
        "name": "digits",
        "value": 96.5,
        "unit": "%",
        "count": 120,
        "target": ">= 95",
        "note": "grammar",
        "met": True,
    }


def test_what_cannot_be_evaluated_is_one_sentence(evaluations: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_programs(*_: object) -> list[Figure]:
        raise UserError("Missing: flite. On Debian: apt-get install flite")

    replace(monkeypatch, "recogniser", no_programs)
    failed, printed = run()
    assert failed == 1
    assert "apt-get install flite" in printed
    assert "1 of 1 targets met" in printed


def test_a_missing_library_is_named_with_the_command_that_installs_it(
    evaluations: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_torch(*_: object) -> list[Figure]:
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    replace(monkeypatch, "chat", no_torch)
    failed, printed = run()
    assert failed == 1
    assert "torch is missing: run `pip install '.[train]'`" in printed


def test_without_the_recipes_it_says_where_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "RECIPES", "models.no_recipes")
    assert importlib.util.find_spec("models.no_recipes") is None
    with pytest.raises(UserError, match="run this in a checkout"):
        run()


def test_mistakes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="use recogniser or chat"):
        run(only="voice")
    with pytest.raises(UserError, match="correct --speech"):
        run(speech=tmp_path / "nowhere")


def test_the_command_line_passes_the_options_on(evaluations: Calls, tmp_path: Path) -> None:
    options = ("--speech", str(tmp_path), "--only", "recogniser", "--markdown")
    result = CliRunner().invoke(app, ["bench", "models", *options])
    assert result.exit_code == 0
    assert result.stdout == CARD + "\n\n"
    assert evaluations == [("recogniser", starter_paths()[0], True, tmp_path)]
