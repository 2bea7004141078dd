"""`parley bench`: runs the benchmarks and prints distributions, or one JSON object to compare with another."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from assistant.bench.machine import machine, machine_line
from assistant.bench.plan import Plan
from assistant.bench.table import BENCHMARKS, Benchmark
from assistant.errors import UserError
from assistant.session.simulation.scenario import CostTable
from assistant.settings import Settings

_MEANING_WIDTH, _OTHER_WIDTH = 54, 43
"""Columns of the terminal for what a figure means, and for the figure itself."""
LEAST_FOR_P95 = 20
"""With fewer readings the 95th percentile is the largest of them."""

Result = dict[str, Any]


def bench(
    console: Console,
    overrides: Mapping[str, object],
    *,
    names: Sequence[str] = (),
    as_json: bool = False,
    quick: bool = False,
    sound_card: bool = False,
) -> int:
    """Run the benchmarks `names` (default: all) on the default settings changed by `overrides`.

    `quick` takes just enough readings to see that everything can be measured; `sound_card` adds the benchmarks that are
    heard, which otherwise have to be named. Returns how many could not be measured. Raises UserError for an unknown
    name or setting.
    """
    chosen = _choose(names, sound_card)
    plan = Plan(Settings().with_changes(overrides), quick)
    computer = machine()
    if as_json:
        results = {name: _measure(BENCHMARKS[name], plan) for name in chosen}
        console.file.write(json.dumps({"machine": computer, "quick": quick, "benchmarks": results}) + "\n")
        return _problems(results.values())
    console.print(machine_line(computer), highlight=False, style="dim")
    done = []
    for name in chosen:
        with console.status(f"{BENCHMARKS[name].title} …"):
            done.append(_measure(BENCHMARKS[name], plan))
        _show(console, name, done[-1])
    return _problems(done)


def summary(unit: str, meaning: str, values: Sequence[float]) -> Result:
    """The distribution of `values`, ready for JSON; what so few values do not tell is None."""
    return {
        "unit": unit,
        "meaning": meaning,
        "n": len(values),
        "p50": round(float(np.median(values)), 3) if values else None,
        "p95": round(float(np.percentile(values, 95)), 3) if len(values) >= LEAST_FOR_P95 else None,
        "max": round(max(values), 3) if values else None,
        "values": [round(value, 3) for value in values],
    }


def _choose(names: Sequence[str], sound_card: bool) -> list[str]:
    for name in names:
        if name not in BENCHMARKS:
            raise UserError(f'There is no benchmark "{name}": use {", ".join(BENCHMARKS)}.')
    if not names:
        return [name for name, benchmark in BENCHMARKS.items() if sound_card or not benchmark.sound_card]
    heard = [name for name, benchmark in BENCHMARKS.items() if sound_card and benchmark.sound_card]
    return list(dict.fromkeys([*names, *heard]))


def _measure(benchmark: Benchmark, plan: Plan) -> Result:
    """The figures of one benchmark, or why there are none: the others are measured all the same."""
    result: Result = {"title": benchmark.title, "virtual": benchmark.virtual, "problem": None, "figures": {}}
    try:
        readings = benchmark.measure(plan)
    except UserError as error:
        return result | {"problem": str(error)}
    figures = benchmark.figures.items()
    return result | {"figures": {key: summary(f.unit, f.meaning, readings[key]) for key, f in figures}}


def _problems(results: Iterable[Result]) -> int:
    return sum(result["problem"] is not None for result in results)


def _show(console: Console, name: str, result: Result) -> None:
    console.print(Text.assemble("\n", (result["title"], "bold"), (f"  {name}", "dim")))
    if result["virtual"]:
        console.print(_virtual(), style="dim", highlight=False)
    if result["problem"] is not None:
        console.print(result["problem"], style="red", markup=False, highlight=False)
        return
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("", width=max(20, min(_MEANING_WIDTH, console.width - _OTHER_WIDTH)))
    for column in ("median", "p95", "max"):
        table.add_column(column, justify="right", width=6)
    table.add_column("unit", width=11)
    table.add_column("n", justify="right", width=2, style="dim")
    for figure in result["figures"].values():
        one = figure["n"] == 1
        numbers = (figure["p50"], None if one else figure["p95"], None if one else figure["max"])
        table.add_row(figure["meaning"], *map(_number, numbers), figure["unit"], str(figure["n"]))
    console.print(table)


def _virtual() -> str:
    costs = CostTable()
    return (
        "Virtual time: echo, noise, user and clock are simulated; ears, core and player are real. What the engines "
        f"cost is not measured but charged: {costs.tokens_per_s:g} tokens a second, {costs.prompt_tokens_per_s:g} of a "
        f"prompt, {1000 * costs.sentence_s:g} ms a sentence."
    )


def _number(value: float | None) -> str:
    """Three digits, which is more than a busy machine deserves."""
    if value is None:
        return "–"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
