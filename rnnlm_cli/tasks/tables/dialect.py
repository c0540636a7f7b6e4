"""How a table is written: what stands between its cells, and whether quotes are more than signs."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import regex as re  # whose possessive groups are right on every Python 3.11 too

from rnnlm_cli.errors import CorpusError

LONGEST_CELL = 1_000_000  # characters: beyond it a quote was not closed, as a rule

_QUOTED = re.compile('"((?:[^"]++|"")*+)"(.*)', re.DOTALL)
_NAMES = {"\t": "tab", ",": "comma", ";": "semicolon"}


class BadRecord(CorpusError):
    """What is wrong with a record: the `number`th from 0, which starts `at` that character."""

    def __init__(self, message: str, number: int, at: int) -> None:
        super().__init__(message)
        self.number, self.at = number, at


@dataclass(frozen=True, slots=True)
class Dialect:
    """A way to write a table. Its cells are those that Python's `csv` finds."""

    delimiter: str
    quotes: bool

    def cells(self, record: str) -> list[str]:
        """The cells of a record, without their quotes."""
        if self.quotes and '"' in record:
            return list(map(_unquoted, self.raw_cells(record)))
        return record.split(self.delimiter)

    def raw_cells(self, record: str) -> list[str]:
        """The cells of a record as they are written."""
        cells: list[str] = _cell_pattern(self.delimiter, self.quotes).findall(record)
        return cells

    def records(self, text: str, at: int) -> Iterator[tuple[int, int]]:
        """Start and end of each record of `text` from there, the end without its line end.

        Empty lines are no records, unless the first record has one cell alone: each is an empty
        cell then. Raises BadRecord for one with more or fewer cells than the first, for a quote
        that nothing closes, and for a cell of over 1,000,000 characters.
        """
        pattern, number, width = _record_pattern(self.delimiter, self.quotes, True), 0, 0
        while at < len(text):
            if (found := pattern.match(text, at)) is None:
                raise BadRecord("has a quote that nothing closes: close it", number, at)
            start, end = found.span(1)
            count = self._count(text, start, end)
            if end - start > LONGEST_CELL:
                self._check_lengths(text[start:end], number, start)
            if number and count != width:
                raise BadRecord(self._uneven(count, width), number, start)
            if not number and count == 1:
                pattern = _record_pattern(self.delimiter, self.quotes, False)
                found = pattern.match(text, at)
                assert found is not None
            yield start, end
            number, width, at = number + 1, count, found.end()

    def _count(self, text: str, start: int, end: int) -> int:
        if self.quotes and text.find('"', start, end) >= 0:
            return len(self.raw_cells(text[start:end]))
        return text.count(self.delimiter, start, end) + 1

    def _check_lengths(self, record: str, number: int, at: int) -> None:
        longest = max(map(len, self.cells(record)))
        if longest > LONGEST_CELL:
            message = (
                f"has a cell of {longest:,} characters, but at most {LONGEST_CELL:,} are read: "
                "check that its quotes are closed, or shorten it"
            )
            raise BadRecord(message, number, at)

    def _uneven(self, count: int, width: int) -> str:
        return (
            f"has {count} cell{'s' * (count > 1)}, but the header has {width}: give each row as "
            f"many, and put cells that hold a {_NAMES[self.delimiter]} or a line end into quotes"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Where the records of a table stand in its text, the header first."""

    dialect: Dialect
    starts: array[int]
    ends: array[int]  # without the line end

    @classmethod
    def of(cls, text: str, at: int, suffix: str) -> Layout:
        """The layout of the table that begins `at` there, in a file whose name ends so.

        Quotes are more than signs, unless the rows are even only where they are signs, or where
        they would join lines that are even without. Raises BadRecord.
        """
        delimiter = _delimiter(text, at, suffix)
        plain = cls._found(text, at, Dialect(delimiter, quotes=False))
        if '"' not in text:
            return _good(plain)
        quoting = cls._found(text, at, Dialect(delimiter, quotes=True))
        if isinstance(plain, BadRecord):
            return _good(quoting)
        joins = isinstance(quoting, BadRecord) or len(quoting.starts) < len(plain.starts)
        several = text.find(delimiter, plain.starts[0], plain.ends[0]) >= 0
        return plain if joins and several else _good(quoting)

    @classmethod
    def _found(cls, text: str, at: int, dialect: Dialect) -> Layout | BadRecord:
        starts, ends = array("q"), array("q")
        try:
            for start, end in dialect.records(text, at):
                starts.append(start)
                ends.append(end)
        except BadRecord as bad:
            return bad
        return cls(dialect, starts, ends)


def _good(found: Layout | BadRecord) -> Layout:
    if isinstance(found, BadRecord):
        raise found
    return found


def _delimiter(text: str, at: int, suffix: str) -> str:
    """What stands between the cells of the header."""
    if suffix in (".tsv", ".tab"):
        return "\t"
    header = re.compile(r'(?:"(?:[^"]++|"")*+"|[^\r\n])*+').match(text, at)
    signs = re.sub('"(?:[^"]++|"")*+"', "", header[0] if header else "")
    likely = ",;\t" if suffix == ".csv" else "\t;,"
    return next((sign for sign in likely if sign in signs), likely[0])


@cache
def _cell_pattern(delimiter: str, quotes: bool) -> re.Pattern[str]:
    """A cell with the delimiter before it; group 1: without."""
    return re.compile(rf"(?:\A|{delimiter})({_cell(delimiter, quotes)})")


@cache
def _record_pattern(delimiter: str, quotes: bool, several_ends: bool) -> re.Pattern[str]:
    """A record with its line end, or with all that follow; group 1: without."""
    cell, ends = _cell(delimiter, quotes), "(?:\r\n|\n|\r)" + "++" * several_ends
    return re.compile(rf"({cell}(?:{delimiter}{cell})*+)(?:{ends}|\Z)")


def _cell(delimiter: str, quotes: bool) -> str:
    plain = rf"[^{delimiter}\r\n]*+"
    # A quote counts at the start of a cell alone, and what follows the closing one belongs to it.
    return rf'(?:"(?:[^"]++|"")*+"{plain}|(?!"){plain})' if quotes else plain


def _unquoted(cell: str) -> str:
    if (found := _QUOTED.fullmatch(cell)) is None:
        return cell
    return found[1].replace('""', '"') + found[2]
