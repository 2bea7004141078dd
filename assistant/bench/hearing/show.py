"""Figures as a table for the terminal: ours with intervals and targets, and beside peers."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from assistant.bench.hearing.figures import Figure

_NAME_WIDTH, _OTHER_WIDTH = 46, 56
_PEER_WIDTH = 12


def show_figures(console: Console, figures: Sequence[Figure]) -> None:
    """Print figures by section: value, p95, confidence interval, target, whether it is met, and of how many."""
    for section in dict.fromkeys(figure.section for figure in figures):
        table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
        table.add_column(Text(section, style="bold"), width=max(24, min(_NAME_WIDTH, console.width - _OTHER_WIDTH)))
        for head in ("median", "p95", "95 % interval", "target", "met", "n"):
            table.add_column("" if head == "met" else head, justify="right", no_wrap=True)
        for figure in figures:
            if figure.section == section:
                table.add_row(figure.name, *_cells(figure))
        console.print()
        console.print(table)


def _cells(figure: Figure) -> tuple[Text | str, ...]:
    met = {None: Text(""), True: Text("met"), False: Text("missed", "red")}[figure.met]
    p95 = "" if figure.p95 is None else f"{figure.p95:.0f}"
    interval = "" if figure.low is None else f"{_short(figure.low)}–{_short(figure.high)}"
    return number(figure), p95, interval, target(figure), met, Text(str(figure.n), "dim")


def number(figure: Figure) -> str:
    """The value with its unit."""
    return "–" if figure.value is None else f"{_short(figure.value)} {figure.unit}"


def target(figure: Figure) -> str:
    """The upper bounds, of the value and of the 95th percentile."""
    value, p95 = (None if most is None else _short(most) for most in figure.targets)
    if value is None and p95 is None:
        return ""
    return f"≤ {value or '–'}" if p95 is None else f"≤ {value or '–'} / {p95}"


def _short(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.0f}" if value >= 100 or value == round(value) else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def show_beside(console: Console, by_subject: Mapping[str, Sequence[Figure]], front: Mapping[str, str]) -> None:
    """Print every figure of every subject, one column each; `front` says of which fronts a subject is part."""
    first = next(iter(by_subject.values()))
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 1, 0, 0))
    table.add_column("", max_width=_NAME_WIDTH)
    for subject in by_subject:
        table.add_column(subject, justify="right", max_width=_PEER_WIDTH)
    for row, figure in enumerate(first):
        found = [figures[row] for figures in by_subject.values() if row < len(figures)]
        if any(each.n for each in found):
            table.add_row(figure.name, *map(_beside, found))
    table.add_row("Pareto front", *(front.get(subject, "") for subject in by_subject))
    console.print()
    console.print(table)


def _beside(figure: Figure) -> Text:
    text = number(figure) if figure.p95 is None else f"{_short(figure.value)}/{_short(figure.p95)}"
    return Text(text, "red" if figure.met is False else "")
