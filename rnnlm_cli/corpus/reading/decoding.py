"""A text out of a file or standard input: bytes to text, whole or line by line."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from pathlib import Path

from rnnlm_cli.corpus.reading.encodings import TextSource, decode, decode_blocks
from rnnlm_cli.corpus.reading.files import place_of, read_blocks, read_bytes
from rnnlm_cli.errors import CorpusError


def read_text(path: str | Path, encoding: str | None = None) -> str:
    """The text of a file, or of standard input where `path` is "-"; see `decode_text`.

    What is packed with gzip is unpacked. Raises CorpusError as `read_bytes` does.
    """
    source = _source_of(path, encoding)
    return decode_text(read_bytes(path), source)


def _source_of(path: str | Path, encoding: str | None) -> TextSource:
    return TextSource(place_of(path), encoding, None if str(path) == "-" else path)


def decode_text(data: bytes, source: TextSource) -> str:
    """`data` as text, in the encoding of its source, without byte order mark, lines as in Unix.

    Every line end (CRLF, CR) becomes a line feed. Raises CorpusError, which begins with where that
    is, for bytes that are not of the encoding (see `decode`), for a NUL (a sign of a binary file),
    and where there is nothing but white space.
    """
    text = normalize(decode(data, source))
    _check_no_nul(text, source)
    if is_blank(text):
        raise _without_words(text, source)
    return text


def read_pieces(path: str | Path, encoding: str | None = None) -> Iterator[str]:
    """The same text piece by piece, read as they are taken; a piece ends anywhere.

    Raises as `read_text` does, with line and column: what stands before has then been taken.
    """
    source = _source_of(path, encoding)
    blank, begun, mark = list[str](), False, BOM_UTF8.decode()
    for piece in filter(None, decode_blocks(read_blocks(path), source)):
        text, mark = piece.removeprefix(mark), ""
        _check_no_nul(text, source)
        if begun or not is_blank(text):
            yield from blank
            yield text
            begun, blank = True, []
        else:  # it may be all that there is
            blank.append(text)
    if not begun:
        raise _without_words("".join(blank), source)


def read_lines(path: str | Path, encoding: str | None = None) -> Iterator[str]:
    """The lines of the same text without their ends, read as they are taken.

    It takes memory of some thousand lines, however many there are. Raises as `read_pieces` does.
    """
    held = list[str]()  # pieces of a line
    for piece in read_pieces(path, encoding):
        first, *more = piece.split("\n")
        held.append(first)
        if more:
            yield "".join(held)
            yield from more[:-1]
            held = more[-1:]
    if rest := "".join(held):
        yield rest


def _check_no_nul(text: str, source: TextSource) -> None:
    if "\0" in text:
        raise CorpusError(
            f"{source.where} is no text in {source.encoding} (it has NULs): name another --encoding"
        )


def _without_words(text: str, source: TextSource) -> CorpusError:
    found = "only white space" if text else "empty"
    return CorpusError(f"{source.where} is {found}, but a text with words was needed")


def is_blank(text: str) -> bool:
    """Whether there is nothing but white space, if that."""
    return not text or text.isspace()


def ended(text: str) -> str:
    """`text`, whose last line ends."""
    return text if text.endswith("\n") else f"{text}\n"


def all_ended(texts: Iterable[Iterable[str]], between: str = "") -> Iterator[str]:
    """Texts in pieces one after the other, the last line of each ended, and `between` two."""
    for number, pieces in enumerate(texts):
        if number:
            yield between
        ends = True
        for piece in filter(None, pieces):
            yield piece
            ends = piece.endswith("\n")
        if not ends:
            yield "\n"


def normalize(text: str) -> str:
    """`text` without a byte order mark at its start, every line end (CRLF, CR) a line feed."""
    text = text.removeprefix(BOM_UTF8.decode())
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
