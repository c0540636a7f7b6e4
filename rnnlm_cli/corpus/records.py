"""Texts made of records: poems, tunes, posts, entries between blank lines.

    line        a record is a line with a word in it
    paragraph   a record is the lines up to one without a word

Blank lines around a record say nothing; as it is read, a line is ended by one line feed, a
paragraph by a blank line, which is a second one.
"""

from __future__ import annotations

import re
from itertools import pairwise

from rnnlm_cli.settings.text import Record

_BLANK_LINES = re.compile(r"(?:^[^\S\n]*\n)+", re.MULTILINE)
_ENDS: dict[Record | None, str] = {None: "", "line": "", "paragraph": "\n"}

LOOKED_AT = 500_000  # characters: as many as say what the rest is like
_FEWEST_BLOCKS = 50
_MOST = 0.8  # of them; of shakespeare's speeches 0.93, of READMEs, code and prose at most 0.7
PARAGRAPHS_NOTE = (
    "blank lines set off blocks of short lines: if each is a text of its own, "
    "--record paragraph keeps it whole"
)


def as_records(text: str, record: Record | None, *, open_end: bool = False) -> str:
    """`text`, whose last line is ended, with nothing between its records but what ends each.

    With an `open_end` the last record goes on after it. None: the text is not made of records, and
    stays as it is.
    """
    if record is None:
        return text
    made = _BLANK_LINES.sub(_ENDS[record], text if open_end else f"{text}\n")
    return made.removeprefix("\n")


def between_texts(record: Record | None) -> str:
    """What goes between texts whose last lines are ended: a record ends with its text."""
    return _ENDS[record]


def record_end(record: Record | None) -> str:
    """What ends the last line of a record, and with it the record."""
    return f"\n{_ENDS[record]}"


def record_starts(text: str, record: Record) -> list[int]:
    """Where each record of `text` begins, which `as_records` has made."""
    end = record_end(record)
    ends = [match.end() for match in re.finditer(end, text)]
    return [0, *ends[:-1]]


def seems_made_of_paragraphs(text: str) -> bool:
    """Whether blank lines stand between verses, tunes or entries rather than between prose.

    Nearly all blocks must have several lines and begin at the margin, as those of code do not, and
    most lines must end though the next word had room, as those of prose do not.
    """
    made = _BLANK_LINES.sub("\n", text[:LOOKED_AT]).strip("\n")
    blocks = [block.split("\n") for block in made.split("\n\n")]
    lengths = sorted(len(line) for block in blocks for line in block)
    width = lengths[9 * len(lengths) // 10]
    seeming = sum(_is_a_record(block, width) for block in blocks)
    return len(blocks) >= _FEWEST_BLOCKS and seeming >= _MOST * len(blocks)


def _is_a_record(block: list[str], width: int) -> bool:
    room = sum(
        len(line) + len(behind.partition(" ")[0]) < width for line, behind in pairwise(block)
    )
    return len(block) > 1 and not block[0][:1].isspace() and 2 * room >= len(block) - 1
