"""The benchmarks: each can be measured and keeps its form. How fast the machine is, is not tested."""

import io
import json
from pathlib import Path
from typing import Any

import psutil
import pytest
from rich.console import Console

from assistant.bench import command, startup
from assistant.bench.command import bench, summary
from assistant.bench.plan import Plan, Readings
from assistant.bench.table import BENCHMARKS, Benchmark, Figure
from assistant.bench.virtual_card import VirtualSoundCard
from assistant.errors import UserError
from assistant.settings import Settings

SILENT = [name for name, benchmark in BENCHMARKS.items() if not benchmark.sound_card]


def run(*names: str, **options: Any) -> tuple[int, str]:
    """What `bench` returned and printed."""
    console = Console(file=io.StringIO(), width=100)
    failed = bench(console, {}, names=names, quick=True, **options)
    printed: str = console.file.getvalue()  # type: ignore[attr-defined]  # it is the StringIO from above
    return failed, printed


def measured(name: str) -> dict[str, list[float]]:
    """The readings of a benchmark in quick mode; all of them are numbers."""
    failed, printed = run(name, as_json=True)
    result = json.loads(printed)["benchmarks"][name]
    assert (failed, result["problem"]) == (0, None)
    assert list(result["figures"]) == list(BENCHMARKS[name].figures)
    values = {key: figure["values"] for key, figure in result["figures"].items()}
    assert all(value >= 0.0 for found in values.values() for value in found)
    return values


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> list[Plan]:
    """Instead of the real benchmarks one that works, one that does not, and one that is heard. Returns their plans."""
    plans: list[Plan] = []

    def works(plan: Plan) -> Readings:
        plans.append(plan)
        return {"one": [float(n) for n in range(1, 21)], "few": [2.0]}

    def fails(plan: Plan) -> Readings:
        raise UserError("There is no engine: get one.")

    figures = {"one": Figure("ms", "twenty values"), "few": Figure("%", "a share")}
    table = {
        "works": Benchmark("It works", works, figures, virtual=True),
        "fails": Benchmark("It fails", fails, figures),
        "heard": Benchmark("It is heard", works, figures, sound_card=True),
    }
    monkeypatch.setattr(command, "BENCHMARKS", table)
    return plans


@pytest.mark.parametrize("name", SILENT)
def test_every_benchmark_returns_its_figures(name: str) -> None:
    assert all(measured(name).values())


def test_a_cut_on_a_sound_card_takes_some_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with VirtualSoundCard() as card:
        for name, value in card.environment.items():
            monkeypatch.setenv(name, value)
        assert all(0.0 < value < 5000.0 for value in measured("stop_sound_card")["silence"])


@pytest.mark.timeout(120)
def test_a_voice_on_a_virtual_sound_card_interrupts() -> None:
    readings = measured("barge_in_sound_card")
    assert len(readings["ducked"]) == len(readings["silent"]) == 2
    assert all(0.0 < duck <= cut for duck, cut in zip(readings["ducked"], readings["silent"], strict=True))


def test_a_voice_on_a_virtual_sound_card_needs_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert "install PulseAudio" in run("barge_in_sound_card")[1]


def test_without_a_sound_card_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/nobody.sock")
    failed, printed = run("stop_sound_card")
    assert failed == 1
    assert "No loudspeaker or headphones found." in printed


def test_an_app_that_does_not_start_is_one_sentence() -> None:
    settings = Settings().model_copy(update={"theme": "no such theme"})
    with pytest.raises(UserError, match="`parley doctor` tells why"):
        startup.startup(Plan(settings, quick=True))


def test_no_process_and_no_file_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    before = psutil.Process().children(recursive=True)
    measured("startup")
    assert list(tmp_path.glob("parley*")) == []
    assert psutil.Process().children(recursive=True) == before


def test_json_is_one_object_that_names_the_machine(toy: list[Plan]) -> None:
    failed, printed = run(as_json=True)
    found = json.loads(printed)
    assert failed == 1
    assert list(found) == ["machine", "quick", "benchmarks"]
    machine = found["machine"]
    assert list(machine) == ["cpu", "cores", "memory_gb", "load_average", "system", "python", "parley"]
    assert machine["cpu"]
    assert len(machine["load_average"]) == 3
    assert found["quick"] is True
    works, fails = found["benchmarks"]["works"], found["benchmarks"]["fails"]
    assert (works["virtual"], works["figures"]["one"]["p50"]) == (True, 10.5)
    assert (fails["problem"], fails["figures"]) == ("There is no engine: get one.", {})


def test_what_is_printed(toy: list[Plan]) -> None:
    failed, printed = run()
    assert failed == 1
    lines = [line.split() for line in printed.splitlines()]
    assert ["twenty", "values", "10.5", "19.1", "20.0", "ms", "20"] in lines
    assert ["a", "share", "2.00", "–", "–", "%", "1"] in lines
    assert "It works  works" in printed
    assert "not measured but charged: 20 tokens a second" in " ".join(printed.split())
    assert "There is no engine: get one." in printed
    assert "It is heard" not in printed


def test_names_choose_and_the_sound_card_is_asked_for(toy: list[Plan]) -> None:
    assert "It fails" not in run("works")[1]
    assert "It is heard" in run(sound_card=True)[1]
    assert "It is heard" in run("heard")[1]
    assert "It is heard" in run("works", sound_card=True)[1]


def test_settings_reach_the_benchmarks(toy: list[Plan]) -> None:
    bench(Console(file=io.StringIO()), {"block_ms": 10}, names=["works"])
    assert [(plan.settings.block_ms, plan.quick, plan.rounds(30)) for plan in toy] == [(10, False, 30)]


def test_an_unknown_name_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(UserError) as error:
        run("import", "spede")
    assert str(error.value) == f'There is no benchmark "spede": use {", ".join(BENCHMARKS)}.'


def test_few_readings_have_no_95th_percentile() -> None:
    assert summary("ms", "", [1.0] * 19)["p95"] is None
    assert summary("ms", "", [1.0] * 20)["p95"] == 1.0
    assert summary("ms", "", []) == {
        "unit": "ms",
        "meaning": "",
        "n": 0,
        "p50": None,
        "p95": None,
        "max": None,
        "values": [],
    }
