"""A text that the user gave: the words themselves, or what is in files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain, islice, tee
from pathlib import Path

from rnnlm_cli.corpus.kept import SMALL
from rnnlm_cli.corpus.kept_text import KeptText
from rnnlm_cli.corpus.reading.decoding import all_ended, read_lines, read_pieces, read_text
from rnnlm_cli.corpus.reading.files import place_of, shown
from rnnlm_cli.corpus.reading.folders import files_of_folder
from rnnlm_cli.corpus.reading.places import named_twice
from rnnlm_cli.corpus.records import record_end
from rnnlm_cli.errors import ConfigError, quoted
from rnnlm_cli.settings.text import Record


@dataclass(frozen=True, slots=True)
class GivenText:
    """A text that the user gave: the words themselves, or those of a `file`, as it was named.

    Of a folder it is several `texts`, one after the other, each as it was read. What is too large
    for memory is a KeptText, whose last line is ended.
    """

    texts: tuple[str | KeptText, ...]
    file: str | None = None

    @classmethod
    def read(
        cls, text: str | None, file: str | None, encoding: str | None = None
    ) -> GivenText | None:
        """`text`, or what is in `file`; None for neither.

        "-" is standard input, a folder the text files in it, one after the other by name. Raises
        ConfigError for both, CorpusError if a file cannot be read.
        """
        texts, files = ([each] if each is not None else [] for each in (text, file))
        _check_given(texts, files)
        if file is not None:
            return cls(_texts_in(file, encoding), file)
        return None if text is None else cls((text,))

    @property
    def text(self) -> str:
        """All of it; the last line of a file goes on."""
        text = self.as_records(None)
        return text if self.file is None else text.removesuffix("\n")

    def as_records(self, record: Record | None) -> str:
        """All of it, where each of the texts but the last ends a record."""
        *others, last = map(str, self.texts)
        return record_end(record).join([*(each.removesuffix("\n") for each in others), last])

    def kept(self, record: Record | None) -> KeptText | None:
        """All of it, its last line ended, if it is too large for memory and has no records."""
        kept = [text for text in self.texts if isinstance(text, KeptText)]
        if record is not None or len(kept) < len(self.texts):
            return None
        return kept[0] if len(kept) == 1 else KeptText.of(chain.from_iterable(kept))

    @property
    def name(self) -> str:
        """What its figures are told under."""
        return "--text" if self.file is None else self.file

    @property
    def where(self) -> str:
        """Where it stands: for messages."""
        return "the text" if self.file is None else place_of(self.file)


@dataclass(frozen=True, slots=True, eq=False)
class GivenLines:
    """A text that the user gave, whose lines are read as they are taken, once."""

    lines: Iterator[str]  # without their ends
    where: str  # it stands: for messages
    count: int | None  # of its lines; None: nobody knows
    files: tuple[str | Path, ...] = ()  # that they are read from

    @classmethod
    def of_text(cls, text: str) -> GivenLines:
        """The lines of the words themselves."""
        lines = text.removesuffix("\n").split("\n")
        return cls(iter(lines), GivenText((text,)).where, len(lines))

    @classmethod
    def of_file(cls, file: str, encoding: str | None = None) -> GivenLines:
        """Those of a file, standard input or a folder.

        What can be read twice has been read before the first line is taken, so that what is wrong
        with it is known. Of standard input that is as much as two lines need; the rest is told when
        it comes. Raises as `GivenText.read` does.
        """
        where, files = place_of(file), tuple(_paths(file))
        if file != "-":
            count = sum(1 for _ in _lines_in(file, encoding))
            return cls(_lines_in(file, encoding), where, count, files)
        lines = read_lines(file, encoding)
        head = list(islice(lines, 2))
        return cls(chain(head, lines), where, 1 if len(head) == 1 else None, files)

    def shared(self, count: int) -> list[GivenLines]:
        """The same so many times: what one has taken is kept until the others have."""
        return [replace(self, lines=lines) for lines in tee(self.lines, count)]


def given_lines(
    texts: Sequence[str], files: Sequence[str], encoding: str | None = None
) -> list[GivenLines]:
    """The same as `given_texts`, line by line; [] for none. Raises as that does."""
    _check_given(texts, files)
    if texts:
        return [GivenLines.of_text("\n".join(texts))]
    return [GivenLines.of_file(file, encoding) for file in files]


def given_texts(
    texts: Sequence[str], files: Sequence[str], encoding: str | None = None
) -> list[GivenText | None]:
    """What is to be scored: the `texts` as the lines of one, or each of `files`; [None] for none.

    Raises as `GivenText.read` does, and ConfigError for a file that is named twice.
    """
    _check_given(texts, files)
    if texts:
        return [GivenText(("\n".join(texts),))]
    return [GivenText.read(None, file, encoding) for file in files] or [None]


def _check_given(texts: Sequence[str], files: Sequence[str]) -> None:
    if texts and files:
        raise ConfigError("both a text and a file are given: give one")
    if (twice := named_twice(files)) is not None:
        raise ConfigError(f"the file {quoted(twice)} is given twice: give it once")


def _texts_in(file: str, encoding: str | None) -> tuple[str | KeptText, ...]:
    paths = _paths(file)
    if _bytes_of(paths) > SMALL:
        pieces = (all_ended([read_pieces(path, encoding)]) for path in paths)
        return tuple(map(KeptText.of, pieces))
    return tuple(read_text(path, encoding) for path in paths)


def _bytes_of(paths: Sequence[str | Path]) -> int:
    """How many there are in these files, as far as that can be told."""
    with suppress(OSError, ValueError):
        return sum(os.stat(path).st_size for path in paths if path != "-")
    return 0  # to read them says why


def _lines_in(file: str, encoding: str | None) -> Iterator[str]:
    return chain.from_iterable(read_lines(path, encoding) for path in _paths(file))


def _paths(file: str) -> list[str | Path]:
    """It, or the files of that folder."""
    if not os.path.isdir(file):
        return [file]
    files = files_of_folder(Path(file))
    if len(files) > 1:
        raise ConfigError(
            f"the folder {shown(file)} has a file for each split: name it as the corpus "
            "instead, and one of them as the split"
        )
    return [*files["train"]]
