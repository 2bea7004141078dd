"""Figures as a table for the terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from assistant.bench.duplex.rates import Row

_NAME_WIDTH, _OTHER_WIDTH = 48, 40
"""Columns of the terminal for the name of a figure, and for its numbers."""


def show_rows(console: Console, rows: Sequence[Row]) -> None:
    """Print `rows` by section: figure, confidence interval, target, whether it is met, and of how many."""
    shown = [row for row in rows if row.n or row.target]
    for section in dict.fromkeys(row.section for row in shown):
        console.print(Text(f"\n{section}", style="bold"))
        table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
        table.add_column(width=max(20, min(_NAME_WIDTH, console.width - _OTHER_WIDTH)))
        for column in (7, 9, 7, 3, 4):
            table.add_column(width=column, justify="right", no_wrap=True)
        for row in shown:
            if row.section == section:
                met = Text("") if row.met is None else Text("yes") if row.met else Text("no", "red")
                table.add_row(row.name, _number(row), _interval(row), row.target, met, Text(str(row.n), "dim"))
        console.print(table)


def _number(row: Row) -> str:
    if row.value is None:
        return "–"
    if row.unit == "s":
        return f"{1000 * row.value:.0f} ms"
    return f"{row.value:.0f}" if row.unit == "count" else f"{row.value:.3f}"


def _interval(row: Row) -> str:
    return "" if row.low is None else f"{row.low:.2f}–{row.high:.2f}"
