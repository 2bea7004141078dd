"""What an evaluation of a starter model finds: figures with their targets, and the tables that the model cards show."""

import operator
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_COMPARISONS = {">=": operator.ge, "<=": operator.le}
_TARGET = re.compile(r"(>=|<=) (\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number of a model.

    `group` is the heading it stands under, `name` what was measured, in words; `value` is in `unit` ("%", "ms", ""),
    `count` the number of cases or recordings that it rests on. `target` is ">= 95" or "<= 3", in the same unit, or
    empty; `note` is a remark of a few words. Raises ValueError for a target of another form.
    """

    group: str
    name: str
    value: float
    unit: str
    count: int
    target: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if self.target and not _TARGET.fullmatch(self.target):
            raise ValueError(f'a target reads ">= 95" or "<= 3", not {self.target!r}')

    @property
    def met(self) -> bool | None:
        """Whether the value, unrounded, reaches the target; None without a target."""
        known = _TARGET.fullmatch(self.target)
        return bool(_COMPARISONS[known[1]](self.value, float(known[2]))) if known else None

    @property
    def verdict(self) -> str:
        """What a table says of `met`: yes, no, or nothing."""
        return {True: "yes", False: "no", None: ""}[self.met]

    @property
    def number(self) -> str:
        """The value with its unit: one decimal, none from 100 on, two below 1."""
        size = abs(self.value)
        decimals = 0 if size >= 100 or self.value == 0 else 1 if size >= 1 else 2
        return f"{self.value:.{decimals}f} {self.unit}".rstrip()


def by_group(figures: Iterable[Figure]) -> dict[str, list[Figure]]:
    """The figures under their groups, both in the order in which they first come."""
    groups: dict[str, list[Figure]] = {}
    for figure in figures:
        groups.setdefault(figure.group, []).append(figure)
    return groups


def markdown(figures: Iterable[Figure]) -> str:
    """A Markdown table for each group, as the model cards quote it; no newline at the end."""
    return "\n\n".join(_section(group, members) for group, members in by_group(figures).items())


def _section(group: str, members: Sequence[Figure]) -> str:
    notes = any(figure.note for figure in members)
    rows = [[group, "measured", "target", "met", "n", *(["note"] if notes else [])]]
    for figure in members:
        row = [figure.name, figure.number, figure.target, figure.verdict, str(figure.count)]
        rows.append([*row, *([figure.note] if notes else [])])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    padded = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows]
    padded.insert(1, ["-" * width for width in widths])
    return "\n".join(f"| {' | '.join(cells)} |" for cells in padded)
