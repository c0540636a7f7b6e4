"""Whether one model predicts a text better than another, by more than chance.

Both score the same lines; d of a line is what the second gives away on it, in nats, less what the
first does. Lines that stand near each other are alike, in topic and in style, so that their d are
too: they are no independent trials. So blocks of consecutive lines are compared, which hardly
depend on each other: the error of the mean d is that of batch means (see `standard_error`), of
blocks of about the square root of the number of lines.

    t = mean d / its error, of Student's distribution with K - 1 degrees of freedom for K blocks

Student's t for the means of few batches: Schmeiser (1982), "Batch size effects in the analysis of
simulation output", Operations Research 30; the size of a block: Flegal and Jones (2010). No random
numbers are drawn. What a token is may differ between the two: a line is the same text to both.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

import numpy as np

from rnnlm_cli.arrays import Doubles, Mask
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.scoring.evaluation import Evaluation
from rnnlm_cli.scoring.intervals import Interval, student_inside, student_reach
from rnnlm_cli.scoring.standard_error import FEWEST, block_starts, error_of_mean


@dataclass(frozen=True, slots=True)
class Difference:
    """How much more a second model gives away on a line than a first one, on the average."""

    nats_per_line: float  # below 0: the second predicts the text better
    interval: Interval  # 95%
    p: float  # how often chance alone would put them so far apart, or farther; to 1e-14
    lines: int
    blocks: int  # of lines, that count as independent trials


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """What a model gives away on each line of a text."""

    text: Hashable  # tells it from others
    nats: Doubles | None  # (lines,); None: not the whole of it was scored

    @classmethod
    def of(cls, text: Hashable, result: Evaluation) -> Lines:
        """Those of an evaluation, whatever its protocol; what was not counted is not in them."""
        if len(result.nats) < len(result.text):
            return cls(text, None)
        eos_id, counted = result.text.eos_id, result.eos
        parts = ((nats, targets == eos_id) for nats, targets in result.in_order())
        return cls(text, _line_sums(parts, counted=counted))


def _line_sums(parts: Iterable[tuple[Doubles, Mask]], *, counted: bool) -> Doubles:
    """nats (tokens,), and which of them are line ends, to be counted or not -> sums (lines,).

    What stands behind the last line end is a line too.
    """
    sums, goes_on = list[Doubles](), False
    for nats, ends in parts:
        starts = np.concatenate([[0], np.flatnonzero(ends[:-1]) + 1])
        found = np.add.reduceat(nats if counted else np.where(ends, 0, nats), starts)
        if goes_on:  # the line that the part before did not end
            sums[-1][-1] += found[0]
            found = found[1:]
        if len(found):
            sums.append(found)
        goes_on = not ends[-1]
    return np.concatenate(sums)


def compare_models(first: Lines, second: Lines) -> Difference:
    """How a second model does on the lines of a text, beside a first one.

    Raises ConfigError, which says what was found, where that cannot be told: of two texts or parts
    of one, of other numbers of lines, of fewer than 30, of infinite surprisals.
    """
    if first.text != second.text:
        raise ConfigError("the texts that they scored are two")
    if first.nats is None or second.nats is None:
        raise ConfigError("not every line was scored, as the protocol stream does")
    return compare_lines(first.nats, second.nats)


def compare_lines(first: Doubles, second: Doubles) -> Difference:
    """first, second (lines,): nats of the same lines under two models. See `compare_models`."""
    n = len(first)
    if len(second) != n:
        raise ConfigError(f"one finds {n:,} lines in the text, the other {len(second):,}")
    if n < FEWEST:
        raise ConfigError(f"the text has too few lines ({n:,}), of which {FEWEST} are needed")
    if not np.isfinite([first.sum(), second.sum()]).all():
        raise ConfigError("a surprisal is infinite")
    differences, numbers = second - first, np.arange(n, dtype=np.int32)
    mean, error = float(differences.mean()), error_of_mean(differences, numbers)
    blocks = len(block_starts(numbers))
    reach = student_reach(blocks - 1) * error
    p = max(0.0, 1 - student_inside(abs(mean) / error, blocks - 1)) if error else float(mean == 0)
    return Difference(mean, (mean - reach, mean + reach), p, n, blocks)
