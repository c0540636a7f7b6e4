"""A text out of a file or standard input: bytes to text."""

from __future__ import annotations

from codecs import BOM_UTF8
from pathlib import Path

from rnnlm_cli.corpus.encodings import decode
from rnnlm_cli.corpus.files import place_of, read_bytes
from rnnlm_cli.errors import CorpusError


def read_text(path: str | Path, encoding: str | None = None) -> str:
    """The text of a file, or of standard input where `path` is "-"; see `decode_text`.

    What is packed with gzip is unpacked. Raises CorpusError as `read_bytes` does.
    """
    where, file = place_of(path), None if str(path) == "-" else path
    return decode_text(read_bytes(path, where), where, encoding, file)


def decode_text(
    data: bytes, where: str, encoding: str | None = None, path: str | Path | None = None
) -> str:
    """`data` in that encoding (None: UTF-8) as text, without byte order mark, lines as in Unix.

    Every line end (CRLF, CR) becomes a line feed. Raises CorpusError, which begins with `where`,
    for bytes that are not of the encoding (see `decode`), for a NUL (a sign of a binary file), and
    where there is nothing but white space.
    """
    text = normalize(decode(data, where, encoding, path))
    if "\0" in text:
        raise CorpusError(
            f"{where} is no text in {encoding} (it has NULs): name another --encoding"
        )
    if is_blank(text):
        found = "only white space" if text else "empty"
        raise CorpusError(f"{where} is {found}, but a text with words was needed")
    return text


def is_blank(text: str) -> bool:
    """Whether there is nothing but white space, if that."""
    return not text or text.isspace()


def ended(text: str) -> str:
    """`text`, whose last line ends."""
    return text if text.endswith("\n") else f"{text}\n"


def normalize(text: str) -> str:
    """`text` without a byte order mark at its start, every line end (CRLF, CR) a line feed."""
    text = text.removeprefix(BOM_UTF8.decode())
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
