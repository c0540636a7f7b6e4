"""A table in a text file: its cells are found, its text is kept.

The first record is the header. What is there is copied untouched: delimiter, quotes, byte order
mark, line ends, empty lines. New cells go behind the last one of each record.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from rnnlm_cli.corpus.reading.files import place_of, read_bytes, without_gz
from rnnlm_cli.errors import CorpusError, quoted
from rnnlm_cli.tasks.tables.columns import listed
from rnnlm_cli.tasks.tables.dialect import BadRecord, Layout

_BOM = "\ufeff"
_PIECE = 4096  # records that are written at a time

Cell = str | float | None  # a new one: None is empty


@dataclass(frozen=True, slots=True, eq=False)
class TableFile:
    """The text of a table, and where its records stand in it."""

    where: str  # for messages
    text: str
    layout: Layout
    names: list[str]  # of its columns

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> TableFile:
        """The table in a UTF-8 file, or on standard input where `path` is "-".

        Raises CorpusError: see `of`.
        """
        path = Path(path)
        data = read_bytes(path)
        return cls.of(data, without_gz(path).suffix, place_of(path))

    @classmethod
    def of(cls, data: bytes, suffix: str, where: str) -> TableFile:
        """The table in `data`, from a file whose name ends in `suffix`.

        Between cells stands a tab in a `.tsv`; else the first of comma, semicolon and tab (where it
        is no `.csv`, of tab, semicolon and comma) that is in the header.
        Raises CorpusError for what is not UTF-8, for an empty file and, with the row, for a NUL and
        for what `Dialect.records` refuses.
        """
        text = _decoded(data, where)
        header = text.removeprefix(_BOM).lstrip("\r\n")
        if not header:
            raise CorpusError(f"{where} is empty, but a table with a header line was needed")
        try:
            layout = Layout.of(text, len(text) - len(header), suffix.lower())
            _refuse_nul(text, layout)
        except BadRecord as bad:
            raise CorpusError(f"{_place(where, text, bad.number, bad.at)} {bad}") from None
        return cls(where, text, layout, layout.dialect.cells(_record(text, layout, 0)))

    def __len__(self) -> int:
        return len(self.layout.starts) - 1

    def place(self, row: int) -> str:
        """Where the row of that number, from 0, stands: for messages.

        Rows are told as a spreadsheet counts them, the header as row 1.
        """
        return _place(self.where, self.text, row + 1, self.layout.starts[row + 1])

    def select(self, names: Sequence[str]) -> list[list[str]]:
        """The cells of the columns of those `names`; equal ones of a column are one object.

        Raises CorpusError if there is no such column, or two.
        """
        indices = list(map(self._index, names))
        columns = [list[str]() for _ in names]
        ways = [
            (index, column.append, dict[str, str]().setdefault)
            for index, column in zip(indices, columns, strict=True)
        ]
        for row in range(len(self)):
            cells = self.layout.dialect.cells(_record(self.text, self.layout, row + 1))
            for index, add, one in ways:
                add(one(cells[index], cells[index]))
        return columns

    def _index(self, name: str) -> int:
        if (found := self.names.count(name)) == 1:
            return self.names.index(name)
        have = f"has {found} columns" if found else "has no column"
        raise CorpusError(
            f"{self.where}, row 1 {have} {quoted(name)}, but one was needed; it has "
            f"{listed(self.names)}: name one of them"
        )

    def check_new(self, names: Iterable[str]) -> None:
        """Raises CorpusError if there is a column of one of the `names` already."""
        if there := [name for name in names if name in self.names]:
            raise CorpusError(
                f"{self.where}, row 1 has a column {quoted(there[0])} already: rename that column, "
                "or score the table as it was before"
            )

    def with_columns(self, names: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
        """The table with more columns, in pieces: their `names`, and the new cells of each row.

        New cells are in quotes where all that are beside them are: those of the header, or those
        of the first row.
        """
        marks = [self._mark(number) for number in range(min(2, len(self) + 1))]
        at, parts = 0, list[str]()
        for number, (end, cells) in enumerate(
            zip(self.layout.ends, chain([names], rows), strict=True)
        ):
            mark = marks[min(number, 1)]
            shown = (f"{mark}{_written(cell)}{mark}" for cell in cells)
            parts += self.text[at:end], *(self.layout.dialect.delimiter + cell for cell in shown)
            at = end
            if number % _PIECE == _PIECE - 1:
                yield "".join(parts).encode()
                parts.clear()
        yield "".join([*parts, self.text[at:]]).encode()

    def _mark(self, number: int) -> str:
        """The quote around all cells of a record, if there is one."""
        cells = self.layout.dialect.raw_cells(_record(self.text, self.layout, number))
        return '"' * (self.layout.dialect.quotes and all(cell[:1] == '"' for cell in cells))


def _record(text: str, layout: Layout, number: int) -> str:
    return text[layout.starts[number] : layout.ends[number]]


def _refuse_nul(text: str, layout: Layout) -> None:
    if (at := text.find("\0")) >= 0:
        number = bisect_right(layout.starts, at) - 1
        message = "has a NUL character, the sign of a binary file: save the table as UTF-8 text"
        raise BadRecord(message, number, layout.starts[number])


def _place(where: str, text: str, number: int, at: int) -> str:
    line = 1 + len(re.findall("\r\n|\n|\r", text[:at]))
    return f"{where}, row {number + 1}" + f" (line {line})" * (line != number + 1)


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    return str(int(cell)) if isinstance(cell, bool) else str(cell)


def _decoded(data: bytes, where: str) -> str:
    """The text of a table as it stands, byte order mark and all."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CorpusError(
            f"{where}: byte 0x{data[error.start]:02x} at offset {error.start} is not UTF-8: "
            "save the table as UTF-8"
        ) from None
