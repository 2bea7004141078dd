"""What a soak measures after every conversation, and the figures of a whole soak."""

import gc
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import psutil

from assistant.bench.duplex.rates import Row

SETTLED = 0.25
"""The first part of a run, in which caches fill and the allocator finds its size, is left out of the slopes."""
FEWEST = 4
"""Readings that a slope is taken from."""
MOST_MB, MOST_OBJECTS = 1.0, 100.0
"""What may be gained over a thousand interruptions; a leak of one object each would be a thousand."""
MOST_DRIFT_MS = 1.0
"""A minute."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One conversation: what happened, what was found, and what is held after it.

    `seconds` are virtual or real ones. `lag_s`: how much later than the core thinks a sentence was heard.
    """

    deeds: int
    cuts: int
    restores: int
    seconds: float
    broken: list[str]
    words_off: list[int] = field(default_factory=list)
    lag_s: float | None = None
    memory_mb: float = field(default_factory=lambda: _memory_mb())
    objects: int = field(default_factory=lambda: _objects())
    threads: int = field(default_factory=threading.active_count)


def rows(readings: Sequence[Reading]) -> list[Row]:
    """The figures of a soak."""
    deeds = sum(reading.deeds for reading in readings)
    return [
        Row("Interruptions", "things done by the user", deeds, deeds, "count"),
        Row("Interruptions", "cuts", deeds, sum(reading.cuts for reading in readings), "count"),
        Row("Interruptions", "restores", deeds, sum(reading.restores for reading in readings), "count"),
        Row("Stuck", "promises broken", deeds, sum(len(r.broken) for r in readings), "count", target="= 0"),
        *_leaks(readings, deeds),
        *_drift(readings),
    ]


def _leaks(readings: Sequence[Reading], deeds: int) -> list[Row]:
    wanted = (("memory_mb", "MB", MOST_MB), ("objects", "objects", MOST_OBJECTS), ("threads", "threads", 0.0))
    return [
        Row("Leaks", f"{what} more for each 1000, at least", deeds, _growth(readings, name), "", target=f"<= {most:g}")
        for name, what, most in wanted
    ]


def _drift(readings: Sequence[Reading]) -> list[Row]:
    off = [abs(words) for reading in readings for words in reading.words_off]
    half = len(off) // 2
    late = float(np.mean(off[half:]) - np.mean(off[:half])) if half else None
    lags = [(at, r.lag_s) for at, r in zip(_minutes(readings), readings, strict=True) if r.lag_s is not None]
    found = []
    if off:
        found.append(Row("Drift", "words off, on average", len(off), float(np.mean(off)), "words"))
        found.append(Row("Drift", "words off, second half less first", len(off), late, "words", target="<= 0.2"))
    if lags:
        at, lag_s = np.array(lags).T
        drift = abs(1000 * float(np.polyfit(at, lag_s, 1)[0])) if len(lags) >= 3 else None
        found.append(Row("Drift", "sound after the core's time, median", len(lags), float(np.median(lag_s)), "s"))
        found.append(Row("Drift", "of that, ms a minute", len(lags), drift, "", target=f"<= {MOST_DRIFT_MS:g}"))
    return found


def _minutes(readings: Sequence[Reading]) -> list[float]:
    return [float(at) / 60 for at in np.cumsum([reading.seconds for reading in readings])]


def _growth(readings: Sequence[Reading], name: str) -> float | None:
    """What `name` certainly gains over a thousand interruptions: the slope by least squares, less twice its error.

    None where there are too few readings.
    """
    done = np.cumsum([reading.deeds for reading in readings]) / 1000
    values = np.array([float(getattr(reading, name)) for reading in readings])
    first = round(SETTLED * len(readings))
    if len(readings) - first < FEWEST:
        return None
    coefficients, covariance = np.polyfit(done[first:], values[first:], 1, cov=True)
    return max(0.0, float(coefficients[0] - 2 * np.sqrt(covariance[0, 0])))


def _memory_mb() -> float:
    """Resident memory of this process and its children."""
    process = psutil.Process()
    total = 0
    for part in (process, *process.children(recursive=True)):
        try:
            total += part.memory_info().rss
        except psutil.NoSuchProcess:  # it ended meanwhile
            continue
    return total / 1e6


def _objects() -> int:
    gc.collect()
    return len(gc.get_objects())
