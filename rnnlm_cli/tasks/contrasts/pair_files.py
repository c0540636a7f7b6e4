"""Minimal pairs in files.

JSON lines, where the first line begins with `{`: an object a line, with one of these pairs of
fields, and maybe the paradigm or phenomenon that the pair is of.

    BLiMP    sentence_good, sentence_bad, UID; the prefix fields of its other two methods
    JBLiMP   good_sentence, bad_sentence, phenomenon
    plain    good, bad, uid

TSV, else: two columns, good and bad. A first line that has two of these names in it names the
columns, of which there may then be more, in any order; without one the good sentence comes first.
Nothing is quoted: a quotation mark is part of a sentence. Blank lines are passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from rnnlm_cli.corpus.reading.decoding import is_blank, read_lines
from rnnlm_cli.corpus.reading.files import place_of
from rnnlm_cli.errors import CorpusError, quoted
from rnnlm_cli.tasks.contrasts.contrast_files import files_at, read_json, stem_of
from rnnlm_cli.tasks.contrasts.pairs import Pair
from rnnlm_cli.tasks.contrasts.regions import Regions

Say = Callable[[str], object]


class _Names(NamedTuple):
    """What the fields or columns of a file are called."""

    good: str
    bad: str
    uid: str


_NAMES = (
    _Names("sentence_good", "sentence_bad", "UID"),
    _Names("good_sentence", "bad_sentence", "phenomenon"),
    _Names("good", "bad", "uid"),
)
_PREFIX = "one_prefix_prefix", "one_prefix_word_good", "one_prefix_word_bad"
_PREFIXES = "two_prefix_prefix_good", "two_prefix_prefix_bad", "two_prefix_word"


def read_pairs(paths: Iterable[str | Path], say: Say) -> Iterator[Pair]:
    """The pairs of all files, one line read at a time; a pair of BLiMP by each of its methods.

    A folder stands for its files *.jsonl and *.tsv. What has no paradigm is of that of its file's
    name. `say` is told how a TSV was taken. Raises CorpusError, which names file and line, for what
    is no pair.
    """
    for path in paths:
        for file in files_at(path, ".jsonl", ".tsv"):
            yield from _read_file(file, say)


def _read_file(path: Path, say: Say) -> Iterator[Pair]:
    where, stem = place_of(path), stem_of(path)
    numbered = enumerate(read_lines(path), 1)
    lines = ((number, line) for number, line in numbered if not is_blank(line))
    first = next(lines)  # there is one: a blank text is refused
    whole = chain([first], lines)
    if first[1].lstrip().startswith("{"):
        for number, line in whole:
            yield from _of_record(_object(line, where, number), where, number, stem)
    else:
        yield from _of_table(whole, where, stem, say)


def _object(line: str, where: str, number: int) -> dict[str, Any]:
    record = read_json(line, where, number, "a file of JSON lines has an object on each")
    if not isinstance(record, dict):
        raise CorpusError(
            f"{where}, line {number}: no object, but one with two sentences is needed"
        )
    return record


def _of_record(record: Mapping[str, Any], where: str, number: int, stem: str) -> Iterator[Pair]:
    names = next((each for each in _NAMES if record.keys() & {each.good, each.bad}), _NAMES[0])

    def text(name: str) -> str:
        value = record.get(name)
        if not isinstance(value, str) or is_blank(value):
            found = "is not there" if name not in record else "is no text with a word in it"
            raise CorpusError(
                f"{where}, line {number}: the field {quoted(name)} {found}, but a pair needs it"
            )
        return value

    uid = text(names.uid) if record.get(names.uid) is not None else stem
    yield Pair.sentences(text(names.good), text(names.bad), where, number, uid)
    if record.keys() & {*_PREFIX}:
        prefix, good, bad = map(text, _PREFIX)
        sides = Regions.join([prefix, good]), Regions.join([prefix, bad])
        yield Pair(*sides, where, number, uid, "one prefix")
    if record.keys() & {*_PREFIXES}:
        good, bad, word = map(text, _PREFIXES)
        sides = Regions.join([good, word]), Regions.join([bad, word])
        yield Pair(*sides, where, number, uid, "two prefixes")


def _of_table(lines: Iterator[tuple[int, str]], where: str, stem: str, say: Say) -> Iterator[Pair]:
    number, line = next(lines)
    columns = [cell.strip() for cell in line.split("\t")]
    names = next((each for each in _NAMES if {each.good, each.bad} <= {*columns}), None)
    if names is None:
        say(f"{where}: line {number} names no columns, so it is a pair, the good sentence first")
        names, columns = _NAMES[-1], ["good", "bad"]
        lines = chain([(number, line)], lines)
    else:
        say(f"{where}: line {number} names the columns: {names.good} and {names.bad} are compared")
    for number, line in lines:
        cells = line.split("\t")
        if len(cells) != len(columns):
            raise CorpusError(
                f"{where}, line {number}: {_columns(len(cells))}, but {len(columns)} were needed: "
                "put one tab between the cells of a line, and none in a sentence"
            )
        row = dict(zip(columns, cells, strict=True))
        yield Pair.sentences(
            row[names.good], row[names.bad], where, number, row.get(names.uid) or stem
        )


def _columns(count: int) -> str:
    return f"{count} column" + "s" * (count != 1)
