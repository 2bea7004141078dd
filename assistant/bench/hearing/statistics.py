"""How sure a figure is: 95 % confidence intervals of rates and of percentiles; that of shares is `duplex`'s."""

import math
from collections.abc import Sequence

import numpy as np

from assistant.bench.duplex.rates import Z

ROUNDS = 1000
SEED = 1


def bootstrap(values: Sequence[float], percent: float = 50.0) -> tuple[float, float]:
    """The interval of a percentile of `values` (not empty), by the percentile bootstrap (B. Efron, 1979)."""
    random = np.random.default_rng(SEED)
    drawn = random.choice(np.asarray(values, dtype=np.float64), (ROUNDS, len(values)))
    low, high = np.percentile(np.percentile(drawn, percent, axis=1), (2.5, 97.5))
    return float(low), float(high)


def poisson(count: int, exposure: float) -> tuple[float, float]:
    """The interval of a rate: `count` events in `exposure`; by D. Byar's approximation of the exact one."""
    low, high = (_byar(count, -Z) if count else 0.0), _byar(count + 1, Z)
    return low / exposure, high / exposure


def _byar(count: int, z: float) -> float:
    return count * (1.0 - 1.0 / (9.0 * count) + z / (3.0 * math.sqrt(count))) ** 3
