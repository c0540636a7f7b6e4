"""Minimal pairs as a table: how many are right, and what unknown words have to do with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from rnnlm_cli.cli.showing.render import add_row, console, percent, ranged, show_pairs, table
from rnnlm_cli.tasks.accuracy import Accuracy, pooled

_MOST = 10  # runs of lines that are listed


def show_accuracies(found: Sequence[Accuracy]) -> None:
    """A row for each paradigm by each method, for all together by each, and the ties below."""
    shown = table("", "method", "pairs", "right (95%)", "same", "unknown", "right if known (95%)")
    shown.columns[1].justify = "left"
    for row in found:
        add_row(shown, *_cells(row))
    totals = [row for row in pooled(found) if len(found) > 1]
    if totals:
        shown.add_section()
    for row in totals:
        add_row(shown, *_cells(row), style="bold")
    console().print(shown)
    tied = [row for row in found if row.ties]
    if tied:
        names = [f"{row.uid}, {row.method}" for row in tied]
        lines = [lines_listed(score.pair.line for score in row.ties) for row in tied]
        show_pairs(zip(names, lines, strict=True), title="ties, half a point each: lines")


def _cells(row: Accuracy) -> list[str]:
    known = row.accuracy_known
    return [
        row.uid,
        row.method,
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
