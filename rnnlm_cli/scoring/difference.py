"""Whether one model predicts a text better than another, by more than chance.

Both score the same lines; d of a line is what the second gives away on it, in nats, less what the
first does. Lines that stand near each other are alike, in topic and in style, so that their d are
too: they are no independent trials. So not lines but batches of consecutive lines are compared, of
about the square root of their number each: a batch is long enough that its sum hardly depends on
the next one's. Their sums are put to Student's t test.

    n lines in b batches, m = ceil(sqrt(n)) lines in each, b = n // m
    standard error of the mean d = sqrt(b) * std(batch sums) / n,  t with b - 1 degrees of freedom

Batch means: Schmeiser (1982), "Batch size effects in the analysis of simulation output", Operations
Research 30; the square root: Flegal and Jones (2010), "Batch means and spectral variance estimators
in Markov chain Monte Carlo", Annals of Statistics 38. No random numbers are drawn. Batches of one
line are the paired t test.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from rnnlm_cli.arrays import Doubles, Ids
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.scoring.intervals import Interval, student_inside, student_reach

_FEWEST = 4  # batches


@dataclass(frozen=True, slots=True)
class Difference:
    """How much more a second model gives away on a line than a first one, on the average."""

    nats_per_line: float  # below 0: the second predicts the text better
    interval: Interval  # 95%
    p: float  # how often chance alone would put them so far apart, or farther
    lines: int
    batch: int  # lines that count as one trial


def line_nats(nats: Doubles, targets: Ids, eos_id: int) -> Doubles:
    """nats (tokens,) of the tokens `targets` of a text, in its order -> sums (lines,).

    A line ends with `<eos>`; what stands behind the last one is a line too.
    """
    ends = np.nonzero(targets == eos_id)[0] + 1
    starts = np.concatenate([[0], ends])
    starts = starts[starts < len(nats)]
    return np.add.reduceat(nats, starts) if len(starts) else np.empty(0)


def compare_lines(first: Doubles, second: Doubles, batch: int | None = None) -> Difference:
    """first, second (lines,): nats of the same lines under two models. See above for the method.

    `batch`: lines in a batch, in place of the square root of their number. p is known to 1e-14.
    Raises ConfigError, which says what was found, where that tells nothing: of other numbers of
    lines, of fewer than 16 (four batches of four), of infinite surprisals.
    """
    n = len(first)
    if len(second) != n:
        raise ConfigError(f"{n:,} lines in the one and {len(second):,} in the other")
    batch = batch or max(1, math.ceil(math.sqrt(n)))
    if n < _FEWEST * batch:
        raise ConfigError(f"{n:,} lines, where at least {_FEWEST**2} are needed")
    if not np.isfinite([first.sum(), second.sum()]).all():
        raise ConfigError("an infinite surprisal")
    mean, error, freedom = _batch_means(second - first, n // batch)
    reach = student_reach(freedom) * error
    p = max(0.0, 1 - student_inside(abs(mean) / error, freedom)) if error else float(mean == 0)
    return Difference(mean, (mean - reach, mean + reach), p, n, batch)


def _batch_means(differences: Doubles, batches: int) -> tuple[float, float, int]:
    """The mean of `differences`, its standard error, and the degrees of freedom of that."""
    n, mean = len(differences), float(differences.mean())
    # Batches may differ by a line: what is left of each without the mean has an expectation of 0.
    starts = np.arange(batches) * n // batches
    sums = np.add.reduceat(differences - mean, starts)
    error = math.sqrt(batches) * float(sums.std(ddof=1)) / n
    return mean, error, batches - 1
