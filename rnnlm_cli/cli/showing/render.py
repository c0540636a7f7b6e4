"""Tables and lines: how results look. Words from texts and files only ever pass as plain Text."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal, TextIO, TypeVar

from rich import box
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.control import Control
from rich.segment import ControlType
from rich.table import Table
from rich.text import Text

from rnnlm_cli.errors import escaped, printable
from rnnlm_cli.schema import finite

Column = TypeVar("Column")

STEPS = "▁▂▃▄▅▆▇█"  # of a bar in one line of text
_LONG = 1e12  # a number from here on is shown with its power of 10
_TAIL = re.compile(
    r"(?: |\x1b\[[\d;]*m)+$"
)  # blanks and colours, which are asked for in a pipe too
_PIPE_WIDTH = 1_000_000  # a pipe has no width: nothing in it is folded


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to the command's boundary, where a reader who has had enough is no error."""
        raise BrokenPipeError


def console(*, stderr: bool = False) -> Console:
    """A console that prints text as it is: no markup, no emoji codes, no guessed colours."""
    stream = sys.stderr if stderr else sys.stdout
    return _Console(
        stderr=stderr,
        markup=False,
        emoji=False,
        highlight=False,
        width=None if stream.isatty() else _PIPE_WIDTH,
    )


def is_drawn_on(out: Console) -> bool:
    """Whether a terminal shows what is drawn anew there, and no pipe that FORCE_COLOR calls one."""
    return out.file.isatty() and not out.is_dumb_terminal


def say_error(message: str) -> None:
    """One red line on stderr."""
    console(stderr=True).print(Text(f"error: {printable(message)}", style="red"), soft_wrap=True)


def say_stopped() -> None:
    """The line of a command that Ctrl-C ended, in the place of the ^C that a terminal writes."""
    out = console(stderr=True)
    if out.is_terminal and sys.stderr.isatty():
        out.control(Control(ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2)))
    say_error("stopped")


def say_note(message: str) -> None:
    """One dim line on stderr."""
    console(stderr=True).print(Text(f"note   {printable(message)}", style="dim"), soft_wrap=True)


def say_notes(messages: Iterable[str]) -> None:
    """A dim line on stderr for each."""
    for message in messages:
        say_note(message)


def say_warning(message: str) -> None:
    """One yellow line on stderr."""
    out = console(stderr=True)
    out.print(Text(f"warning: {printable(message)}", style="yellow"), soft_wrap=True)


def print_json(document: Any) -> None:
    """One JSON document on stdout; a number that JSON does not have is null."""
    write_json(document, sys.stdout, indent=2)


def write_json(document: Any, out: TextIO, *, indent: int | None = None) -> None:
    """A JSON document and a line end, in ASCII for a stream that has not all characters."""
    ascii_only = (out.encoding or "utf-8").lower() != "utf-8"
    text = json.dumps(finite(document), ensure_ascii=ascii_only, indent=indent, allow_nan=False)
    # A document may end on a terminal: what JSON itself leaves as it is, such as U+009B, goes too.
    out.write(escaped(text, _json_escape, keep="\n") + "\n")


def _json_escape(character: str) -> str:
    return json.dumps(character)[1:-1]


def table(*columns: str, title: str | None = None, whole: bool = False) -> Table:
    """An empty table; every column but the first is aligned to the right.

    No head is folded if they are to stay `whole`, but for those of several words with a +.
    """
    made = Table(box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    made.title = Text(printable(title)) if title else None
    for index, column in enumerate(columns):
        # On a narrow terminal a cell is folded, never cut.
        justify: Literal["left", "right"] = "right" if index else "left"
        head, kept = printable(column), whole and bool(index) and " + " not in f" {column}"
        made.add_column(
            Text(head),
            justify=justify,
            overflow="fold",
            no_wrap=kept,
            min_width=cell_len(head) if kept else None,
        )
    return made


def show_table(shown: Table) -> None:
    """A table on stdout; what goes through a pipe has no blanks behind its last words."""
    out = console()
    with out.capture() as capture:
        out.print(shown)
    lines = capture.get().split("\n")
    if not sys.stdout.isatty():
        lines = [_TAIL.sub(lambda tail: tail[0].replace(" ", ""), line) for line in lines]
    sys.stdout.write("\n".join(lines))


def add_row(to: Table, *cells: object, style: str = "") -> None:
    """A row of plain text cells."""
    to.add_row(*(Text(printable(cell)) for cell in cells), style=style)


def fits(shown: Table) -> bool:
    """Whether stdout has room for a table without breaking a word or a number."""
    out = console()
    endless = out.options.update(width=sys.maxsize)
    return out.measure(shown, options=endless).minimum <= out.width


def fitting(
    columns: Sequence[Column], made: Callable[[Sequence[Column]], Table]
) -> Iterator[Table]:
    """Tables `made` of as many of the `columns` as the terminal has room for, one below the other.

    Each has at least one, whether there is room or not.
    """
    while columns:
        count = len(columns)
        while not fits(shown := made(columns[:count])) and count > 1:
            count -= 1
        yield shown
        columns = columns[count:]


def show_columns(
    heads: Sequence[str], rows: Iterable[Sequence[str]], totals: Iterable[Sequence[str]] = ()
) -> None:
    """Rows under `heads`, and bold `totals` below a line, on stdout.

    Columns that the terminal has no room for make a table of their own, below, whose rows are
    named by their first cell too.
    """
    rows, totals = list(rows), list(totals)
    for shown in fitting(range(1, len(heads)), lambda some: _part([0, *some], heads, rows, totals)):
        show_table(shown)


def _part(
    columns: Sequence[int],
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    totals: Sequence[Sequence[str]],
) -> Table:
    shown = table(*(heads[column] for column in columns))
    for row in rows:
        add_row(shown, *(row[column] for column in columns))
    if totals:
        shown.add_section()
    for row in totals:
        add_row(shown, *(row[column] for column in columns), style="bold")
    return shown


def show_pairs(pairs: Iterable[tuple[str, object]], title: str | None = None) -> None:
    """Names and values, one a line, on stdout. What is too long for a terminal can be copied whole:

    the terminal itself continues it on its next line, and there is no line feed in it.
    """
    out = console()
    if title:
        out.print(Text(printable(title), style="bold"), soft_wrap=True)
    shown = [(printable(name), printable(value)) for name, value in pairs]
    width = max((cell_len(name) for name, _ in shown), default=0)
    for name, value in shown:
        line = Text.assemble((set_cell_size(name, width), "cyan"), "  ", value)
        out.print(line, soft_wrap=True)


def number(value: float, digits: int = 2) -> str:
    """A number as a table shows it; — for what is not one, inf for an infinite one."""
    if math.isnan(value):
        return "—"
    # A perplexity may have 300 digits, of which a computer knows a few.
    return f"{value:,.{digits}f}" if abs(value) < _LONG else f"{value:.4g}"


def percent(share: float) -> str:
    """A share as a table shows it: 12.5%; — for what is none."""
    return number(share) if math.isnan(share) else f"{100 * share:.1f}%"


def ranged(share: float, interval: tuple[float, float]) -> str:
    """A share and where it is likely to be: 12.5% (4.4–31.0); — for what is none."""
    low, high = interval
    shown = percent(share)
    return shown if math.isnan(share) else f"{shown} ({100 * low:.1f}–{100 * high:.1f})"


def duration(seconds: float) -> str:
    """42s, 3m07s, 2h05m."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02d}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02d}m"
