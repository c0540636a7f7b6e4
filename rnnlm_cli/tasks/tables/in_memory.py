"""Tables in memory: rows as a list of dicts, and the data frames of pandas and polars.

Neither library is imported: a frame is known by how it takes new columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rnnlm_cli.errors import CorpusError, quoted
from rnnlm_cli.settings.setting import refuse_setting, told
from rnnlm_cli.tasks.tables.columns import RowFigures, listed

_NEEDED = "a list of dicts, one a row, or a data frame of pandas or polars"


def in_memory(table: Any) -> DictRows | Frame:
    """`table` as something to score. Raises ConfigError if it is none."""
    if hasattr(table, "collect"):  # it has no cells before; and asked for its columns, polars warns
        refuse_setting("table", f"a {type(table).__name__}", f"collected first: {_NEEDED}")
    if hasattr(table, "columns") and (hasattr(table, "with_columns") or hasattr(table, "assign")):
        return Frame(table)
    if isinstance(table, Mapping | str | bytes) or not isinstance(table, Iterable):
        refuse_setting("table", told(table), _NEEDED)
    rows = list(table)
    for number, row in enumerate(rows):
        if not isinstance(row, Mapping):
            refuse_setting(f"table[{number}]", told(row), f"a dict: a table is {_NEEDED}")
    return DictRows(rows)


@dataclass(frozen=True, slots=True)
class DictRows:
    """A list of dicts, one a row."""

    rows: Sequence[Mapping[str, Any]]

    def place(self, row: int) -> str:
        """The number of a row, as Python counts."""
        return f"row {row} of the table"

    def select(self, names: Sequence[str]) -> list[list[object]]:
        """The values of those keys. Raises CorpusError for a row that lacks one."""
        return [[self._cell(number, name) for number in range(len(self.rows))] for name in names]

    def _cell(self, row: int, name: str) -> object:
        try:
            return self.rows[row][name]
        except KeyError:
            have = listed(self.rows[row])
            raise CorpusError(
                f"{self.place(row)} has no {quoted(name)}, but {have}: name one that all rows have"
            ) from None

    def check_new(self, names: Iterable[str]) -> None:
        """Raises CorpusError if a row has one of the `names` already."""
        for name in names:
            for number, row in enumerate(self.rows):
                if name in row:
                    _refuse_old(self.place(number), name)

    def with_columns(self, figures: RowFigures) -> list[dict[str, Any]]:
        """New dicts: the same keys and values, and the figures behind them."""
        return [
            {**row, **dict(zip(figures.columns, new, strict=True))}
            for row, new in zip(self.rows, figures.rows(), strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Frame:
    """A data frame of pandas or polars, or whatever takes new columns as one of them does."""

    frame: Any

    def place(self, row: int) -> str:
        """The number of a row, wherever its index begins."""
        return f"row {row} of the table"

    def select(self, names: Sequence[str]) -> list[list[object]]:
        """The cells of those columns. Raises CorpusError if there is no such column, or two."""
        return [self._column(name) for name in names]

    def _column(self, name: str) -> list[object]:
        columns = list(self.frame.columns)
        if (found := columns.count(name)) != 1:
            raise CorpusError(
                f"the table has {found or 'no'} column{'s' * (found > 1)} {quoted(name)}, but one "
                f"was needed; it has {listed(columns)}: name one of them"
            )
        cells: list[object] = self.frame[name].to_list()
        return cells

    def check_new(self, names: Iterable[str]) -> None:
        """Raises CorpusError if there is a column of one of the `names` already."""
        for name in names:
            if name in self.frame.columns:
                _refuse_old("the table", name)

    def with_columns(self, figures: RowFigures) -> Any:
        """A new frame of the same kind, with the figures behind its columns."""
        columns = {name: list(figures.column(name)) for name in figures.columns}
        if hasattr(self.frame, "assign"):
            return self.frame.assign(**columns)
        series = type(self.frame[self.frame.columns[0]])
        return self.frame.with_columns(*(series(name, cells) for name, cells in columns.items()))


def _refuse_old(where: str, name: str) -> None:
    raise CorpusError(
        f"{where} has {quoted(name)} already: rename that, or score the table as it was before"
    )
