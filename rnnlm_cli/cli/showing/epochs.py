"""An epoch as a row of figures: while a run goes, and of one that a checkpoint remembers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.text import Text

from rnnlm_cli.cli.showing import render
from rnnlm_cli.cli.showing.render import STEPS
from rnnlm_cli.scoring.figures import perplexity
from rnnlm_cli.training.reports import EpochReport

HEADS = ("epoch", "train ppl", "valid ppl", "lr", "|gradient|", "words/s", "time")
_WIDTHS = 6, 11, 11, 10, 12, 10, 9
# What a terminal with no room for all is not told, the first of them first.
_LEFT_OUT = HEADS.index("|gradient|"), HEADS.index("lr"), HEADS.index("words/s")


def figures(row: EpochReport) -> tuple[str, ...]:
    """A cell for each of HEADS."""
    return (
        f"{row.epoch}{'' if row.part is None else f' ({share_made(row)})'}",
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


def as_line(cells: Sequence[str], room: int = sum(_WIDTHS)) -> str:
    """Cells as a line of the table that a run adds to as it goes: those that `room` columns hold.

    One that is too wide takes of the blanks before the next, so that this ends where it should.
    """
    line, end = "", 0
    for column in _columns(room):
        end += _WIDTHS[column]
        line += f" {cells[column]}".rjust(end - len(line))
    return line


def _columns(room: int) -> list[int]:
    """The columns whose widths are no more than `room` together, if any may be left out for it."""
    shown, left_out = list(range(len(HEADS))), list(_LEFT_OUT)
    while left_out and sum(_WIDTHS[column] for column in shown) > room:
        shown.remove(left_out.pop(0))
    return shown


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
    norms = sparkline([row.gradient_norm for row in history])
    render.console().print(Text(f"gradient norm          {norms}"))


def sparkline(values: Sequence[float]) -> str:
    """One bar a value on a logarithmic scale, blank where it is none or infinite."""
    logs = [math.log(v) if 0 < v < math.inf else None for v in values]
    known = [v for v in logs if v is not None]
    if not known:
        return ""
    low, span = min(known), (max(known) - min(known)) or 1.0
    most = len(STEPS) - 1
    return "".join(" " if v is None else STEPS[round((v - low) / span * most)] for v in logs)
