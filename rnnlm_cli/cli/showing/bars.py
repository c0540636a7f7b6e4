"""A bar on stderr, if that is a terminal: one line that is drawn anew, whatever its width becomes.

A terminal that becomes narrower wraps the line that stands on it. Both rich and tqdm go back one
row, and leave the others; what is drawn here knows how many rows its last line takes by now.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import TypeVar

from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from rnnlm_cli.cli.showing import render

_EVERY = 0.25  # seconds between two drawings
_DELAY = 0.5  # before the first one of what may take no longer
WIDEST = 100  # cells
_SHORTEST = 5  # cells of a bar that is worth them
# Cells that are left free: in the last column a cursor may wrap, or not; and a terminal writes ^C
# behind the line, which a second one follows: wrapped, they would push it out of reach.
_FREE = 1 + 2 * len("^C")


class LiveLine:
    """The last line of stderr, always drawn anew; nothing at all where that is no terminal."""

    def __init__(self, delay: float = 0.0) -> None:
        self._console = render.console(stderr=True)
        self.on_terminal = render.is_drawn_on(self._console)
        self._drawn = 0  # cells that stand there
        self._next = time.monotonic() + delay

    def show(self, name: str, share: float | None, figures: str) -> None:
        """Draw a bar with its name before it and its figures behind it, but not too often.

        A share that nobody knows has no bar.
        """
        if not self.on_terminal or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _EVERY
        width = max(1, min(columns() - _FREE, WIDEST))
        self._console.width = width
        shown = _line(name, share, figures, width)
        with suppress(OSError):  # to end the capture writes what stderr has not taken so far
            with self._console.capture() as capture:
                self._console.print(shown, end="", no_wrap=True, overflow="crop")
            self._write(self._erasure() + capture.get().split("\n")[0])
            self._drawn = width

    def clear(self) -> None:
        """Take the line away, so that something else can be written there."""
        if self._drawn:
            self._write(self._erasure())
            self._drawn = 0

    def _erasure(self) -> str:
        rows = -(-self._drawn // columns())  # the terminal has wrapped it, if it became narrower
        return "\r" + "\x1b[1A" * (rows - 1) + "\x1b[J"

    def _write(self, text: str) -> None:
        with suppress(OSError):  # a terminal that is closed is no reason to lose a run
            sys.stderr.write(text)
            sys.stderr.flush()


def columns() -> int:
    """The width of the terminal on stderr; 80 where it has none."""
    try:
        return max(2, os.get_terminal_size(sys.stderr.fileno()).columns or 80)
    except (OSError, ValueError):
        return 80


def _line(name: str, share: float | None, figures: str, width: int) -> Table | Text:
    if share is None:
        return Text(f"{name} {figures}".strip())
    plain = Text(f"{name} {share:4.0%} {figures}")
    if plain.cell_len + 1 + _SHORTEST > width:  # what comes first is what is told
        return plain
    grid = Table.grid(padding=(0, 1), expand=True)
    for ratio in (None, 1, None, None):  # the bar takes what is left
        grid.add_column(no_wrap=True, ratio=ratio)
    made = ProgressBar(total=1.0, completed=share)
    grid.add_row(Text(name), made, Text(f"{share:4.0%}"), Text(figures))
    return grid


Item = TypeVar("Item")


@contextmanager
def bar(
    name: str, total: int | None, unit: str = "tokens", *, note: str = ""
) -> Iterator[Callable[[int], object]]:
    """Inside the block there is a progress over so many tokens, or units of another kind.

    It is shown if it takes long; a total of None is not known. Who sees it reads the `note` first.
    """
    if note and LiveLine().on_terminal:
        render.say_note(note)
    with _counting(name, total, unit) as update:
        yield update


def counted(items: Iterable[Item], total: int | None, unit: str) -> Iterator[Item]:
    """`items`, with a bar over so many of them as they are taken, if that takes long."""
    with _counting("", total, unit) as update:
        for item in items:
            yield item
            update(1)


@contextmanager
def _counting(name: str, total: int | None, unit: str) -> Iterator[Callable[[int], object]]:
    line, began, done, lock = LiveLine(_DELAY), time.monotonic(), 0, Lock()

    def update(count: int) -> None:
        nonlocal done
        with lock:  # several threads may score
            done += count
            speed = done / max(time.monotonic() - began, 1e-9)
            shown = f"{speed / 1e6:,.1f} MB" if unit == "B" else f"{speed:,.0f} {unit}"
            if total is None:
                line.show(name, None, f"{done:,} {unit}  {shown}/s")
                return
            left = render.duration(max(0, total - done) / max(speed, 1e-9))
            line.show(name, done / max(total, done), f"{shown}/s  {left} left")

    try:
        yield update
    finally:
        line.clear()
