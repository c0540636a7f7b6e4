"""One text dealt to training, validation and test."""

from __future__ import annotations

import re

from rnnlm_cli.corpus.cutting.judging import blanks_in
from rnnlm_cli.corpus.cutting.rules import WHITE
from rnnlm_cli.corpus.kept_text import KeptText
from rnnlm_cli.corpus.records import record_starts
from rnnlm_cli.corpus.vocabulary import EOS, UNK
from rnnlm_cli.settings.text import Record, Split, Unit

LINES_PER_BLOCK = 100
CHARACTERS_PER_BLOCK = 2_000
GROUP = 20  # of every GROUP blocks ...
VALID, TEST = 9, 19  # ... the 10th is for validation and the 20th for the test

_WORD = re.compile(f"[^{WHITE}]+")
_MARK = re.compile(f"(?<![^{WHITE}])(?:{EOS}|{UNK})(?![^{WHITE}])")


def unit_to_split(text: str) -> Unit:
    """What may not be torn where `text` is split: characters, if less than 1 in 50 is a blank.

    It is not what the text will be cut into, which any version may judge better: a text is known by
    the hash of its splits, so they stay as they are.
    """
    if _MARK.search(text):
        return "whitespace"
    return "char" if 50 * blanks_in(text) < len(text) - text.count("\n") else "word"


def split_kept(text: KeptText, record: Record | None = None) -> dict[Split, KeptText]:
    """The same as `split_text` makes of it, the lines of a long text without holding it whole."""
    if record is None and _has_lines(text, GROUP * LINES_PER_BLOCK):
        train, valid, test = text.dealt(LINES_PER_BLOCK, GROUP, VALID, TEST)
        return {"train": train, "valid": valid, "test": test}
    whole = str(text)
    pieces = split_text(whole, unit_to_split(whole), record)
    return {split: KeptText.of([piece]) for split, piece in pieces.items()}


def _has_lines(text: KeptText, fewest: int) -> bool:
    count = 0
    return any((count := count + block.count(b"\n")) >= fewest for block in text.in_bytes())


def split_text(text: str, unit: Unit, record: Record | None = None) -> dict[Split, str]:
    """`text` dealt to training, validation and test, block by block, in order, nothing lost.

    A block is 100 lines; of every 20 blocks the 10th is for validation, the 20th for the test.
    A text with fewer than 2,000 lines has smaller blocks: about 100 of them where it can, at least
    20 where it has 20 lines (blank lines go with the line before them, so that no block is blank).
    With fewer than 20 lines a block is 2,000 characters, moved on to the next word unless the unit
    is `char` (less than half a block; else the word is cut); in less than 40,000 characters it is
    a 100th of the words, or of the characters if that is the unit. With fewer than 20 of those,
    validation or test is empty. A text that `as_records` made is dealt by whole records: about 100
    blocks of them, none of more than 100 records.
    """
    if record is None:
        starts = _block_starts(text, unit)
    else:
        starts = _hundredths(record_starts(text, record), most=LINES_PER_BLOCK)
    blocks = [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
    pieces: dict[Split, list[str]] = {"train": [], "valid": [], "test": []}
    for i, block in enumerate(blocks):
        place = i % GROUP
        pieces["valid" if place == VALID else "test" if place == TEST else "train"].append(block)
    return {split: "".join(piece) for split, piece in pieces.items()}


def _block_starts(text: str, unit: Unit) -> list[int]:
    """Where the blocks of `text` begin: increasing, from 0."""
    lines = [match.start() for match in re.finditer(r"^(?!\Z)", text, re.MULTILINE)]
    if len(lines) >= GROUP * LINES_PER_BLOCK:
        return lines[::LINES_PER_BLOCK]
    lines = [match.start() for match in re.finditer(r"^.*\S", text, re.MULTILINE)]
    if len(lines) >= GROUP:
        return _hundredths(lines)
    if len(text) < GROUP * CHARACTERS_PER_BLOCK:
        words = _WORD.finditer(text)
        return _hundredths([*range(len(text))] if unit == "char" else [m.start() for m in words])
    starts = list(range(0, len(text), CHARACTERS_PER_BLOCK))
    return starts if unit == "char" else [_next_word(text, start) for start in starts]


def _hundredths(starts: list[int], most: int | None = None) -> list[int]:
    """About 100 of `starts`, evenly, or every one of so many at `most`; the first becomes 0."""
    step = max(1, len(starts) // 100)
    return [0, *starts[:: min(step, most or step)][1:]]


def _next_word(text: str, start: int) -> int:
    """`start`, or the next beginning of a word less than half a block on."""
    if start == 0 or (text[start - 1] in WHITE and text[start] not in WHITE):
        return start
    near = re.compile(f"[{WHITE}](?=[^{WHITE}])").search(
        text, start, start + CHARACTERS_PER_BLOCK // 2
    )
    return near.end() if near else start
