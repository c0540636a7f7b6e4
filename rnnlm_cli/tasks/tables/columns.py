"""Figures of the rows of a table, column by column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Protocol

import numpy as np

from rnnlm_cli.arrays import Doubles
from rnnlm_cli.errors import CorpusError, quoted

Figure = float | None  # None: the row has none

_PIECE = 4096  # rows that are made Python's values at a time
_LISTED = 12  # names in a message
_KINDS: Mapping[str, type[float]] = {
    "rank": int,
    "n_tokens": int,
    "n_unknown": int,
    "is_first": bool,
}


class Table(Protocol):
    """A table, wherever it is: rows of cells, in columns that have names."""

    def select(self, names: Sequence[str]) -> Sequence[Sequence[object]]:
        """The cells of those columns. Raises CorpusError if there is no such column."""

    def check_new(self, names: Iterable[str]) -> None:
        """Raises CorpusError if there is a column of one of the `names` already."""

    def place(self, row: int) -> str:
        """Where the row of that number, from 0, stands: for messages."""


def text_cells(table: Table, name: str) -> list[str]:
    """The cells of a column of words or texts; "" where there is none.

    Raises CorpusError for what is neither text nor missing.
    """
    (cells,) = table.select([name])
    return [_as_text(table, row, name, cell) for row, cell in enumerate(cells)]


def _as_text(table: Table, row: int, name: str, cell: object) -> str:
    if isinstance(cell, str):
        return cell
    if is_missing(cell):
        return ""
    raise CorpusError(
        f"{table.place(row)} has {quoted(cell)} in {quoted(name)}, which is no text: make it one"
    )


def listed(names: Iterable[object]) -> str:
    """The names of columns for a message: of many the first alone."""
    shown = list(map(quoted, names)) or ["nothing"]
    more = len(shown) - _LISTED
    return ", ".join(shown[:_LISTED]) + (f" and {more:,} more" if more > 0 else "")


def is_missing(cell: object) -> bool:
    """Whether there is nothing in a cell: an empty text, None, nan, or pandas' NA and NaT."""
    if isinstance(cell, str):
        return not cell
    if cell is None or type(cell).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(cell, Real) and bool(cell != cell)


@dataclass(frozen=True, slots=True, eq=False)
class RowFigures:
    """Of each of R rows, by the name of the column: floats (R,), nan where there is none."""

    columns: Mapping[str, Doubles]

    @classmethod
    def none(cls, rows: int, names: Sequence[str]) -> RowFigures:
        """No figures yet, of so many rows."""
        return cls({name: np.full(rows, np.nan) for name in names})

    def fill(self, rows: Sequence[int], figures: Mapping[str, Doubles | float]) -> None:
        """Set the figures of some rows."""
        for name, column in figures.items():
            self.columns[name][list(rows)] = column

    def column(self, name: str) -> Iterator[Figure]:
        """The figures of a column as Python's values: floats, whole numbers, or truths."""
        kind, figures = _KINDS.get(name, float), self.columns[name]
        for start in range(0, len(figures), _PIECE):
            for figure in figures[start : start + _PIECE].tolist():
                yield None if figure != figure else kind(figure)

    def rows(self) -> Iterator[tuple[Figure, ...]]:
        """The figures of each row, in the order of the columns."""
        return zip(*map(self.column, self.columns), strict=True)
