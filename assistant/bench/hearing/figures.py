"""The figures of a run, and their targets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.bench.duplex.rates import wilson
from assistant.bench.hearing.score import Outcome
from assistant.bench.hearing.statistics import bootstrap, poisson

NOISY = ("20 dB SNR", "10 dB SNR", "5 dB SNR")
COUGHS = ("coughs", "coughs, loudspeaker")
BACKCHANNELS = ("backchannels", "backchannels, loudspeaker")
SHORT_PAUSES = ("pause 200 ms", "pause 300 ms", "pause 500 ms", "pause 600 ms")
LONG_PAUSES = ("pause 700 ms", "pause 1000 ms")
LONGEST_PAUSE = "pause 1500 ms"
WHOLE_TURNS = ("turns", "turns, natural")
TURNS = (*WHOLE_TURNS, *SHORT_PAUSES, *LONG_PAUSES, LONGEST_PAUSE)

INTERRUPTING, STAYING, TAKING = "Giving up the floor", "Not giving it up for nothing", "Taking a turn"
COST = "Cost"

Targets = tuple[float | None, float | None]
NO_TARGETS: Targets = (None, None)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure, of `n` trials or events; `value` is None where what it is about never happened.

    `unit`: "ms" (`value` is the median, `p95` the 95th percentile), "%" (a share), "/min" (a rate) or "ms/s". `low` and
    `high` are the 95 % confidence interval of `value`; `targets` are upper bounds of `value` and of `p95`.
    """

    section: str
    name: str
    unit: str
    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    p95: float | None = None
    targets: Targets = NO_TARGETS

    @property
    def met(self) -> bool | None:
        """Whether all targets are met; None where there is none, or nothing that could have happened."""
        pairs = zip((self.value, self.p95), self.targets, strict=True)
        bounds = [(found, most) for found, most in pairs if most is not None]
        if not bounds or self.n == 0:
            return None
        return all(found is not None and round(found, 6) <= most for found, most in bounds)


class Outcomes:
    """The outcomes of a run, by group."""

    def __init__(self, outcomes: Iterable[Outcome]) -> None:
        self._by_group: dict[str, list[Outcome]] = {}
        for outcome in outcomes:
            self._by_group.setdefault(outcome.group, []).append(outcome)

    def of(self, *groups: str) -> list[Outcome]:
        """Those of `groups`."""
        return [outcome for group in groups for outcome in self._by_group.get(group, [])]


def figures(outcomes: Iterable[Outcome]) -> list[Figure]:
    """All figures of what came of the trials."""
    found = Outcomes(outcomes)
    return [*_interrupting(found), *_staying(found), *_taking(found)]


def _interrupting(found: Outcomes) -> list[Figure]:
    section = INTERRUPTING
    rows = [
        times(section, "Stop button to silence", stopped(found.of("stop button")), (None, 25.0)),
        times(section, "lowered, headset", lowered(found.of("clean")), (110.0, 150.0)),
        times(section, "lowered, user 10 dB above the echo", lowered(found.of("echo +10 dB")), (150.0, 280.0)),
        times(section, "lowered, user as loud as the echo", lowered(found.of("echo +0 dB")), (300.0, 700.0)),
        times(section, "lowered, user 10 dB below the echo", lowered(found.of("echo -10 dB"))),
        times(section, "lowered, 5 to 20 dB SNR", lowered(found.of(*NOISY))),
        times(section, "lowered, 0 dB SNR", lowered(found.of("0 dB SNR"))),
        times(section, "silent, headset", stopped(found.of("clean")), (400.0, 700.0)),
        times(section, "silent, user 10 dB above the echo", stopped(found.of("echo +10 dB")), (400.0, 700.0)),
        times(section, "silent, user as loud as the echo", stopped(found.of("echo +0 dB"))),
        times(section, "silent, 5 to 20 dB SNR", stopped(found.of(*NOISY))),
        times(section, "silent, 0 dB SNR", stopped(found.of("0 dB SNR"))),
        share(section, "lowered or silent too early, in noise", (o.early for o in found.of(*NOISY, "0 dB SNR"))),
    ]
    missed: tuple[tuple[str, tuple[str, ...], float | None], ...] = (
        ("missed, headset", ("clean",), 0.0),
        ("missed, 5 to 20 dB SNR", NOISY, 0.0),
        ("missed, 0 dB SNR", ("0 dB SNR",), 1.0),
        ("missed, single words", ("single words",), 1.0),
        ("missed, quiet talker", ("quiet talker",), None),
        ("missed, user 10 dB above the echo", ("echo +10 dB",), 0.0),
        ("missed, user as loud as the echo", ("echo +0 dB",), 5.0),
        ("missed, user 10 dB below the echo", ("echo -10 dB",), None),
    )
    for name, groups, most in missed:
        rows.append(share(section, name, (not o.stopped for o in found.of(*groups)), most))
    noticed = (o.lowered_s is None and not o.early for o in found.of("single words"))
    return [*rows, share(section, "single words not even noticed", noticed)]


def _staying(found: Outcomes) -> list[Figure]:
    section = STAYING
    noise, voices = found.of("noise"), found.of("noise with voices")
    cold, warm = found.of("own echo, cold"), found.of("own echo, converged")
    restored = [s for o in (*noise, *found.of(*COUGHS)) for s in o.ducked_for_s]
    murmured = [s for o in found.of(*BACKCHANNELS) for s in o.ducked_for_s]
    return [
        rate(section, "noise and music: false stops", sum(o.stopped for o in noise), noise, 0.0),
        rate(section, "noise and music: lowered for nothing", sum(o.ducks for o in noise), noise, 0.2),
        rate(section, "noise made by a voice: false stops", sum(o.stopped for o in voices), voices),
        times(section, "lowered for nothing, until full voice", restored, (None, 700.0)),
        share(section, "coughs that stop it", (o.stopped for o in found.of(*COUGHS)), 12.5),
        share(section, "backchannels that stop it", (o.stopped for o in found.of(*BACKCHANNELS)), 5.0),
        times(section, "lowered by a backchannel, until full voice", murmured),
        share(section, "own echo stops it, first reply", (o.stopped for o in cold), 100.0 / 32.0),
        share(section, "own echo stops it, later replies", (o.stopped for o in warm), 0.0),
        rate(section, "own echo lowers it, first reply", sum(o.ducks for o in cold), cold),
        rate(section, "own echo lowers it, later replies", sum(o.ducks for o in warm), warm),
    ]


def _taking(found: Outcomes) -> list[Figure]:
    section = TAKING
    turns = found.of(*TURNS)
    return [
        times(section, "end of the turn to the decision", [o.taken_s for o in turns], (300.0, 800.0)),
        share(section, "cut off at pauses of 200 to 600 ms", (o.cut_off for o in found.of(*SHORT_PAUSES)), 5.0),
        share(section, "cut off at pauses of 700 to 1000 ms", (o.cut_off for o in found.of(*LONG_PAUSES)), 20.0),
        share(section, "cut off at pauses of 1500 ms", (o.cut_off for o in found.of(LONGEST_PAUSE))),
        share(section, "cut off at the pauses of recordings", (o.cut_off for o in found.of("turns, natural"))),
        share(section, "never taken", (o.taken_s is None and not o.cut_off for o in turns)),
    ]


def lowered(outcomes: Sequence[Outcome]) -> list[float | None]:
    """From the first sound until our voice is lowered; those apart that were lowered before there was a reason."""
    return [outcome.lowered_s for outcome in outcomes if not outcome.early]


def stopped(outcomes: Sequence[Outcome]) -> list[float | None]:
    """From the first sound until silence."""
    return [outcome.stopped_s for outcome in outcomes]


def times(
    section: str, name: str, seconds: Sequence[float | None], targets: Targets = NO_TARGETS, unit: str = "ms"
) -> Figure:
    """Median and 95th percentile of what happened; what did not is counted by another figure."""
    known = [1000.0 * value for value in seconds if value is not None]
    if not known:
        return Figure(section, name, unit, len(seconds), targets=targets)
    low, high = bootstrap(known)
    median, p95 = (float(value) for value in np.percentile(known, (50, 95)))
    return Figure(section, name, unit, len(known), median, low, high, p95, targets)


def share(section: str, name: str, hits: Iterable[bool], most: float | None = None) -> Figure:
    """A share in percent."""
    counted = [bool(hit) for hit in hits]
    if not counted:
        return Figure(section, name, "%", 0, targets=(most, None))
    low, high = wilson(sum(counted), len(counted))
    percent = 100.0 * sum(counted) / len(counted)
    return Figure(section, name, "%", len(counted), percent, 100.0 * low, 100.0 * high, targets=(most, None))


def rate(section: str, name: str, count: int, outcomes: Sequence[Outcome], most: float | None = None) -> Figure:
    """Events in a minute of the trials."""
    minutes = sum(outcome.heard_s for outcome in outcomes) / 60.0
    if not minutes:
        return Figure(section, name, "/min", 0, targets=(most, None))
    low, high = poisson(count, minutes)
    return Figure(section, name, "/min", len(outcomes), count / minutes, low, high, targets=(most, None))
