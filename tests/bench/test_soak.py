"""The soak in small, on the real engines; and what counts as a leak or a drift."""

import io
import json
from typing import Any

import psutil
import pytest
from rich.console import Console
from typer.testing import CliRunner

from assistant.bench.duplex.rates import Row
from assistant.bench.soak import conversations, soak
from assistant.bench.soak_figures import Reading, rows
from assistant.cli import app


def test_random_conversations_are_the_same_every_time() -> None:
    first, same, other = (conversations(45, seed, ["one"], ["cough1"]) for seed in (1, 1, 2))
    assert first == same != other
    assert [len(case.scenario.user) for case in first] == [20, 20, 5]


def test_some_interruptions_keep_all_promises() -> None:
    console = Console(file=io.StringIO())
    before = psutil.Process().children(recursive=True)
    soak(console, {}, count=8, as_json=True)
    found = json.loads(console.file.getvalue())  # type: ignore[attr-defined]  # it is the StringIO from above
    (reading,) = found["readings"]
    assert reading["deeds"] == 8
    assert reading["broken"] == []
    assert reading["cuts"] > 0
    assert psutil.Process().children(recursive=True) == before


def figures(*readings: Reading) -> dict[str, Row]:
    return {row.name: row for row in rows(readings)}


def reading(**known: Any) -> Reading:
    given = {"deeds": 100, "cuts": 50, "restores": 10, "seconds": 60.0, "broken": [], "memory_mb": 300.0, "objects": 5}
    return Reading(**(given | known))  # type: ignore[arg-type]  # the values are of the fields' types


def test_what_stays_is_no_leak_and_what_grows_is_one() -> None:
    still = figures(*(reading() for _ in range(8)))
    assert still["MB more for each 1000, at least"].value == pytest.approx(0.0, abs=1e-6)
    assert still["MB more for each 1000, at least"].met
    restless = figures(*(reading(memory_mb=300.0 + n % 2, objects=1000 * (n % 3)) for n in range(12)))
    assert restless["MB more for each 1000, at least"].met
    assert restless["objects more for each 1000, at least"].met
    grows = figures(*(reading(memory_mb=300.0 + n, objects=1000 * n, threads=n) for n in range(8)))
    assert grows["MB more for each 1000, at least"].value == pytest.approx(10.0)
    assert grows["objects more for each 1000, at least"].value == pytest.approx(10_000.0)
    assert not grows["threads more for each 1000, at least"].met


def test_too_few_readings_tell_nothing() -> None:
    assert figures(reading(), reading())["MB more for each 1000, at least"].value is None


def test_drift() -> None:
    steady = figures(*(reading(words_off=[0, 1], lag_s=0.05) for _ in range(6)))
    assert steady["words off, second half less first"].value == 0.0
    assert steady["of that, ms a minute"].value == pytest.approx(0.0, abs=1e-6)
    drifts = figures(*(reading(words_off=[n], lag_s=0.05 + 0.01 * n) for n in range(6)))
    assert not drifts["words off, second half less first"].met
    assert drifts["of that, ms a minute"].value == pytest.approx(10.0)


def test_broken_promises_are_counted() -> None:
    assert figures(reading(broken=["a", "b"]))["promises broken"].value == 2


def test_the_command_line_passes_the_options_on(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[dict[str, Any]] = []
    monkeypatch.setattr("assistant.bench.soak.soak", lambda *_, **options: calls.append(options))
    assert CliRunner().invoke(app, ["bench", "soak", "--count", "9", "--live", "2", "--json"]).exit_code == 0
    assert calls == [{"count": 9, "live_minutes": 2.0, "seed": 1, "as_json": True}]
