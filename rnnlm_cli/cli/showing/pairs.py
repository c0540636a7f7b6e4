"""Minimal pairs as a table: how many are right, and what unknown words have to do with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from rnnlm_cli.cli.showing.render import percent, ranged, show_columns, show_pairs
from rnnlm_cli.tasks.contrasts.accuracy import Accuracy, pooled

_HEADS = "", "pairs", "right (95%)", "same", "unknown", "right if known (95%)"
_MOST = 10  # runs of lines that are listed


def show_accuracies(found: Sequence[Accuracy]) -> None:
    """A row for each paradigm by each method, for all together by each, and the ties below."""
    totals = pooled(found) if len(found) > 1 else []
    show_columns(_HEADS, [_cells(row) for row in found], [_cells(row) for row in totals])
    tied = [(_name(row), _lines_of(row)) for row in found if row.ties]
    if tied:
        show_pairs(tied, title="ties, half a point each: lines")


def _name(row: Accuracy) -> str:
    return row.uid if row.method == "sentence" else f"{row.uid}, {row.method}"


def _lines_of(row: Accuracy) -> str:
    return lines_listed(score.pair.line for score in row.ties)


def _cells(row: Accuracy) -> list[str]:
    known = row.accuracy_known
    return [
        _name(row),
        f"{row.pairs:,}",
        ranged(row.accuracy.value, row.accuracy.interval),
        percent(row.share_same),
        percent(row.share_unknown),
        ranged(known.value, known.interval),
    ]


def lines_listed(lines: Iterable[int]) -> str:
    """Rising numbers, those that follow each other as one: 3, 7–12, 20; only the first of many."""
    numbers = sorted(set(lines))
    breaks = [0, *(i for i, (a, b) in enumerate(pairwise(numbers), 1) if b - a > 1), len(numbers)]
    runs = [numbers[a:b] for a, b in pairwise(breaks)]
    shown = [str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs[:_MOST]]
    left = sum(map(len, runs[_MOST:]))
    return ", ".join(shown) + (f" and {left:,} more (--json has them all)" if left else "")
