"""How sure a figure is: 95% intervals and p-values, for shares and for means."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

LEVEL = 0.95
Interval = tuple[float, float]

_SIDE = 0.5 + LEVEL / 2  # what lies below the upper end


def wilson_interval(points: float, total: int) -> Interval:
    """Where the share is of which `points` of `total` independent trials are a sample.

    The score interval of Wilson (1927), "Probable inference, the law of succession, and statistical
    inference", JASA 22: it never leaves [0, 1], and 0 of 10 are no proof of 0. A half point, for a
    tie, varies less than a trial with the same mean: with ties the interval is wider than it need
    be. nan of no trial.
    """
    if not total:
        return math.nan, math.nan
    z, p = NormalDist().inv_cdf(_SIDE), points / total
    middle = p + z * z / (2 * total)
    reach = z * math.sqrt(p * (1 - p) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)


@dataclass(frozen=True, slots=True)
class Share:
    """So many points of a number of trials."""

    points: float
    total: int

    @property
    def value(self) -> float:
        """nan of no trial."""
        return self.points / self.total if self.total else math.nan

    @property
    def interval(self) -> Interval:
        """95%, as if the trials were independent: see `wilson_interval`."""
        return wilson_interval(self.points, self.total)


def student_inside(t: float, freedom: int) -> float:
    """P(-t < T < t) of Student's T with that many degrees of freedom.

    The finite sums of Abramowitz and Stegun, 26.7.3 and 26.7.4.
    """
    theta = math.atan(t / math.sqrt(freedom))
    sine, cosine = math.sin(theta), math.cos(theta)
    odd = freedom % 2
    term, total = (cosine if odd else 1.0), 0.0
    for k in range(2 + odd, freedom + 1, 2):
        total += term
        term *= cosine * cosine * (k - 1) / k
    return 2 / math.pi * (theta + sine * total) if odd else sine * total


def student_reach(freedom: int) -> float:
    """The t within which Student's T lies in 95% of all cases."""
    return _root(lambda t: student_inside(t, freedom) - LEVEL, 0.0, 20.0)


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a rising function is 0, between `low` and `high`, to the last digits."""
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if function(middle) < 0 else (low, middle)
    return low
