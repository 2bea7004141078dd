"""The figures of a run: rates with their confidence, latencies, and whether the targets are met."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.bench.duplex.cases import Want
from assistant.bench.duplex.score import Judged, Verdict
from assistant.core.interruptions import Kind

Z = 1.96
"""Standard deviations on both sides that hold 95 % of a normal distribution."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: a share (0..1), seconds, or a count. `low` and `high` are a share's 95 % confidence interval."""

    section: str
    name: str
    n: int
    value: float | None
    unit: str
    low: float | None = None
    high: float | None = None
    target: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target ("<= 0.4", ">= 0.95", "= 0") is met; None without a target or a value."""
        if not self.target or self.value is None:
            return None
        sign, _, bound = self.target.partition(" ")
        return _SIGNS[sign](self.value, float(bound))


_SIGNS: dict[str, Callable[[float, float], bool]] = {
    "<=": lambda value, bound: value <= bound,
    ">=": lambda value, bound: value >= bound,
    "=": lambda value, bound: value == bound,
}


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 95 % confidence interval of a share, by E. B. Wilson (1927); n > 0."""
    share, spread = hits / n, Z * Z / n
    centre = (share + spread / 2) / (1 + spread)
    half = Z * math.sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    return max(0.0, centre - half), min(1.0, centre + half)


def rows(found: Sequence[Judged]) -> list[Row]:
    """All figures of a run."""
    verdicts = [verdict for judged in found for verdict in judged.verdicts if not verdict.void]
    problems = sum(len(judged.broken) for judged in found)
    return [
        *_yields(verdicts),
        *_selectivity(verdicts),
        *_answers(verdicts, found),
        *_understanding(verdicts),
        Row("Promises", "broken, of all scenarios", len(found), problems, "count", target="= 0"),
    ]


def _yields(verdicts: Sequence[Verdict]) -> list[Row]:
    section = "Yielding to an interruption"
    wanted = [v for v in verdicts if v.want is Want.YIELD]
    silenced = [v for v in wanted if v.silent_after_s is not None and v.audible]
    found = [
        _share(section, "stop words: yields", (v.yielded for v in wanted if v.kind is Kind.CANCELLATION), ">= 1"),
        _share(section, "all: yields", (v.yielded for v in wanted), ">= 0.99"),
    ]
    for room, targets in (("", ("<= 0.4", "<= 0.7")), ("speaker", ("", "")), ("headset", ("", ""))):
        name = f"{room or 'all'}: first sound to silence"
        found += _times(section, name, (v.silent_after_s for v in silenced if room in ("", v.room)), *targets)
    for room in ("speaker", "headset"):
        ducked = [v.ducked_after_s for v in wanted if v.audible and v.room == room]
        found += _times(section, f"{room}: first sound to a lowered voice", ducked)
    return found


def _selectivity(verdicts: Sequence[Verdict]) -> list[Row]:
    section = "Talking on through what is no interruption"
    targets = {
        "backchannel": ("backchannels", ">= 0.95"),
        "noise": ("coughs and noise", ">= 0.95"),
        "hesitation": ("hesitations (um)", ""),
        "side-talk": ("talk to somebody else", ""),
    }
    found = []
    for group, (name, target) in targets.items():
        found.append(_share(section, name, (not v.yielded for v in verdicts if v.group == group), target))
    restored = [v.restored_after_s for v in verdicts if v.want is Want.GO_ON and v.audible]
    return found + _times(section, "end of the sound to full voice", restored, "", "<= 0.7")


def _answers(verdicts: Sequence[Verdict], found: Sequence[Judged]) -> list[Row]:
    section = "Answering"
    asked = [v for v in verdicts if v.wants_answer]
    turns = max(1, len(asked))
    over = sum(judged.talked_over for judged in found)
    return [
        _share(section, "turns answered", (v.answered_after_s is not None for v in asked)),
        *_times(section, "end of the turn to the answer", (v.answered_after_s for v in asked)),
        _share(section, "turns with a pause inside: kept whole", _whole_turns(verdicts)),
        _share(section, "cancellations followed by silence", _silences(verdicts)),
        Row(section, "replies begun while the user spoke, per turn", len(asked), over / turns, ""),
    ]


def _whole_turns(verdicts: Sequence[Verdict]) -> Iterable[bool]:
    return (v.whole_turn for v in verdicts if v.whole_turn is not None)


def _silences(verdicts: Sequence[Verdict]) -> Iterable[bool]:
    return (not v.answered_unasked for v in verdicts if v.kind is Kind.CANCELLATION)


def _understanding(verdicts: Sequence[Verdict]) -> list[Row]:
    section = "Understanding"
    said = [v for v in verdicts if v.kind is not None]
    off = [abs(v.words_off) for v in verdicts if v.words_off is not None]
    return [
        _share(section, "words recognised rightly", (v.right for v in said)),
        _share(section, "kind right, of those", (v.kind_right for v in said if v.right), ">= 0.95"),
        _share(section, "text taken as heard: at most one word off", (words <= 1 for words in off), ">= 0.95"),
        Row(section, "the same: words off on average", len(off), float(np.mean(off)) if off else None, "words"),
    ]


def _share(section: str, name: str, hits: Iterable[bool], target: str = "") -> Row:
    found = [bool(hit) for hit in hits]
    if not found:
        return Row(section, name, 0, None, "", target=target)
    low, high = wilson(sum(found), len(found))
    return Row(section, name, len(found), sum(found) / len(found), "", round(low, 4), round(high, 4), target)


def _times(section: str, name: str, seconds: Iterable[float | None], *targets: str) -> list[Row]:
    """The median and the 95th percentile of what happened."""
    known = [value for value in seconds if value is not None]
    rows = []
    for (what, percent), target in zip((("median", 50), ("p95", 95)), targets or ("", ""), strict=True):
        value = float(np.percentile(known, percent)) if known else None
        rows.append(Row(section, f"{name}, {what}", len(known), value, "s", target=target))
    return rows
