"""Writes docs/transitions.md from the transition table and from the exploration: `python -m tests.transitions_doc`."""

from pathlib import Path

from assistant.core import events
from assistant.core.state import Phase
from assistant.core.transitions import TABLE, Handler
from tests.explore import QUICK, explore

EVENTS = [
    kind
    for kind in vars(events).values()
    if isinstance(kind, type) and issubclass(kind, events.Event) and kind is not events.Event
]
DOCUMENT = Path(__file__).parents[1] / "docs" / "transitions.md"
_HEAD = """\
# Transitions

Made by `python -m tests.transitions_doc` from `assistant/core/transitions.py` and from the exploration of all states
(`python -m tests.explore`); a test compares it with them.

## Phases

Observed in the exploration. An edge names the events that led from one phase to the other, by themselves or because an
input that had waited for the report of a cut could then be taken.
"""
_TABLE = """
## Table

For each event and phase, the handler. Where there is none (–), the pair is impossible and raises
`IllegalTransitionError`. Reports on a reply or an utterance that is over are dropped before they reach the table.
"""


def document() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *_diagram(), _TABLE, *_table(), "", "## Handlers", "", *_handlers(), ""])


def _diagram() -> list[str]:
    edges: dict[tuple[Phase, Phase], set[str]] = {}
    for case in QUICK:
        for edge, names in explore(case).phase_edges().items():
            edges.setdefault(edge, set()).update(names)
    order = list(Phase)
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {Phase.LISTENING}"]
    for (source, target), names in sorted(edges.items(), key=lambda edge: (*map(order.index, edge[0]),)):
        lines.append(f"    {source} --> {target}: {', '.join(sorted(names))}")
    return [*lines, f"    {Phase.CLOSED} --> [*]", "```"]


def _table() -> list[str]:
    lines = ["| | " + " | ".join(Phase) + " |", "|---" * (len(Phase) + 1) + "|"]
    for event in EVENTS:
        cells = [TABLE.get((phase, event)) for phase in Phase]
        lines.append(f"| {event.__name__} | " + " | ".join(_name(cell) if cell else "–" for cell in cells) + " |")
    return lines


def _handlers() -> list[str]:
    return [f"* `{_name(handler)}`: {_summary(handler)}" for handler in dict.fromkeys(TABLE.values())]


def _name(handler: Handler) -> str:
    return f"{handler.__module__.rpartition('.')[2]}.{handler.__name__}"


def _summary(handler: Handler) -> str:
    return (handler.__doc__ or "").strip().splitlines()[0]


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
