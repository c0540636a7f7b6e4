"""An epoch as a row of figures: while a run goes, and of one that a checkpoint remembers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from rich.text import Text

from rnnlm_cli.cli.showing import render
from rnnlm_cli.scoring.figures import perplexity
from rnnlm_cli.training.reports import EpochReport

HEADS = ("epoch", "train ppl", "valid ppl", "lr", "|gradient|", "words/s", "time")
_WIDTHS = 6, 11, 11, 10, 12, 10, 9
_BARS = "▁▂▃▄▅▆▇█"


def figures(row: EpochReport) -> tuple[str, ...]:
    """A cell for each of HEADS."""
    return (
        f"{row.epoch}{f' ({share_made(row)})' if row.share < 1 else ''}",
        shown_perplexity(row.train_nats),
        shown_perplexity(row.valid_nats),
        f"{row.lr:.4g}",
        f"{row.gradient_norm:.3f}",
        render.number(row.words_per_second, 0),
        render.duration(row.seconds),
    )


def share_made(row: EpochReport) -> str:
    """How much of an unfinished epoch was made."""
    return f"{min(99, max(1, round(100 * row.share)))}%"


def shown_perplexity(nats: float) -> str:
    """exp(nats); — for nan, which is no perplexity of infinity, but one that is not known."""
    return render.number(nats if math.isnan(nats) else perplexity(nats))


def as_line(cells: Iterable[str]) -> str:
    """Cells as a line of the table that a run adds to as it goes.

    One that is too wide takes of the blanks before the next, so that this ends where it should.
    """
    line, end = "", 0
    for cell, width in zip(cells, _WIDTHS, strict=True):
        end += width
        line += f" {cell}".rjust(end - len(line))
    return line


def style(row: EpochReport) -> str:
    """The colour of its row."""
    return "green" if row.is_best else ""


def show_history(history: Sequence[EpochReport]) -> None:
    """A row an epoch, and the learning curve in one line."""
    shown = render.table(*HEADS)
    for row in history:
        render.add_row(shown, *figures(row), style=style(row))
    render.show_table(shown)
    curve = sparkline([row.valid_perplexity for row in history])
    render.console().print(Text(f"validation perplexity  {curve}"))


def sparkline(values: Sequence[float]) -> str:
    """One bar a value on a logarithmic scale, blank where it is none or infinite."""
    logs = [math.log(v) if 0 < v < math.inf else None for v in values]
    known = [v for v in logs if v is not None]
    if not known:
        return ""
    low, span = min(known), (max(known) - min(known)) or 1.0
    return "".join(
        " " if v is None else _BARS[round((v - low) / span * (len(_BARS) - 1))] for v in logs
    )
