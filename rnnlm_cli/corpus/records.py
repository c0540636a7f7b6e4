"""Texts made of records: poems, tunes, posts, entries between blank lines.

    line        a record is a line with a word in it
    paragraph   a record is the lines up to one without a word

Blank lines around a record say nothing; as it is read, a line is ended by one line feed, a
paragraph by a blank line, which is a second one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rnnlm_cli.settings.text import Record

_BLANK_LINES = re.compile(r"(?:^[^\S\n]*\n)+", re.MULTILINE)
_ENDS: dict[Record, str] = {"line": "", "paragraph": "\n"}


def as_records(text: str, record: Record | None) -> str:
    """`text`, whose last line is ended, with nothing between its records but what ends each.

    None: it is not made of records, and stays as it is.
    """
    if record is None:
        return text
    end = _ENDS[record]
    made = _BLANK_LINES.sub(end, f"{text}\n")
    return made.removeprefix("\n")


def record_starts(text: str, record: Record) -> list[int]:
    """Where each record of `text` begins, which `as_records` has made."""
    end = f"\n{_ENDS[record]}"
    ends = [match.end() for match in re.finditer(end, text)]
    return [0, *ends[:-1]]


def from_the_first_word(pieces: Iterable[list[str]]) -> Iterator[list[str]]:
    """Pieces of texts side by side, without the line feeds that a text begins with."""
    begun: list[bool] = []
    for row in pieces:
        begun = begun or [False] * len(row)
        shown = [x if b else x.lstrip("\n") for x, b in zip(row, begun, strict=True)]
        begun = [b or bool(x) for x, b in zip(shown, begun, strict=True)]
        yield shown
