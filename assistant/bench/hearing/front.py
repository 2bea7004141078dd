"""Who is on the Pareto front: nobody else is at once faster and less often wrong on the same trials."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.bench.hearing.figures import LONG_PAUSES, NOISY, SHORT_PAUSES, WHOLE_TURNS, Outcomes
from assistant.bench.hearing.score import Outcome

SAID = ("clean", *NOISY, "0 dB SNR", "single words")
UNSAID = ("noise", "coughs", "backchannels")
PAUSES = (*SHORT_PAUSES, *LONG_PAUSES)


@dataclass(frozen=True, slots=True)
class Point:
    """A subject's place in one plane: a median delay in ms (infinite where most are missed), and errors in percent."""

    delay_ms: float
    wrong: float

    def beats(self, other: "Point") -> bool:
        """At least as good in both, and better in one."""
        return self != other and self.delay_ms <= other.delay_ms and self.wrong <= other.wrong


def interrupting(outcomes: Iterable[Outcome]) -> Point:
    """First sound to silence (on a headset; what is missed takes for ever), and what stops it wrongly."""
    found = Outcomes(outcomes)
    return Point(_median([o.stopped_s for o in found.of(*SAID)]), _percent([o.stopped for o in found.of(*UNSAID)]))


def taking(outcomes: Iterable[Outcome]) -> Point:
    """End of the turn to the decision, and turns cut off at pauses of up to a second."""
    found = Outcomes(outcomes)
    kept = [o.taken_s for o in found.of(*WHOLE_TURNS, *PAUSES) if not o.cut_off]
    return Point(_median(kept), _percent([o.cut_off for o in found.of(*PAUSES)]))


def front(points: Mapping[str, Point]) -> set[str]:
    """Those that nobody beats."""
    return {
        name
        for name, point in points.items()
        if math.isfinite(point.delay_ms) and not any(other.beats(point) for other in points.values())
    }


def _median(seconds: Sequence[float | None]) -> float:
    delays = sorted(math.inf if value is None else 1000.0 * value for value in seconds)
    return delays[(len(delays) - 1) // 2] if delays else math.inf


def _percent(hits: Sequence[bool]) -> float:
    return 100.0 * float(np.mean(hits)) if hits else 0.0
