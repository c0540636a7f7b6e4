"""A text out of a file or standard input: bytes to text."""

from __future__ import annotations

import os
import stat
import sys
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from rnnlm_cli.errors import ConfigError, CorpusError, quoted
from rnnlm_cli.memory import need

_TOKEN_BYTES = 10  # of memory, at least, that a byte of text takes while it is cut into tokens
_SHORTER = "use a shorter text, or a part of this one"


@dataclass(frozen=True, slots=True)
class GivenText:
    """A text that the user gave: the words themselves, or those of a `file`, as it was named."""

    text: str
    file: str | None = None

    @classmethod
    def read(cls, text: str | None, file: str | None) -> GivenText | None:
        """`text`, or what is in `file` ("-": standard input); None for neither.

        Raises ConfigError for both, CorpusError if the file cannot be read.
        """
        if text is not None and file is not None:
            raise ConfigError("both --text and --file are given: give one")
        if file is not None:
            return cls(read_text(file), file)
        return None if text is None else cls(text)

    @property
    def name(self) -> str:
        """What its figures are told under."""
        return "--text" if self.file is None else self.file

    @property
    def where(self) -> str:
        """Where it stands: for messages."""
        return self.name if self.file is None else quoted(self.file)


def read_text(path: str | Path) -> str:
    """The text of a UTF-8 file, or of standard input where `path` is "-".

    See `read_bytes` and `decode_text`.
    """
    return decode_text(read_bytes(path, room=_TOKEN_BYTES), place_of(path))


def place_of(path: str | Path) -> str:
    """What a file, or standard input where `path` is "-", is called in messages."""
    return "standard input" if str(path) == "-" else shown(path)


def read_bytes(path: str | Path, *, room: int) -> bytes:
    """The bytes of a file, or of standard input where `path` is "-".

    `room`: of memory, that what is made of a byte takes. Raises CorpusError if there is no such
    file, if it cannot be read, or if it is no regular file (a pipe or a device could block or never
    end, so it is not opened); ConfigError if there is no such room.
    """
    if str(path) == "-":
        return _read_stdin()
    where = shown(path)
    with _regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        need(f"reading {where}", {"its tokens": room * size}, _SHORTER)
        return file.read()


def files_at(path: str | Path, *endings: str) -> list[Path]:
    """`path`, or where it is a folder the files in it with one of `endings`, in order of name.

    Raises CorpusError for a folder without any.
    """
    if not Path(path).is_dir():
        return [Path(path)]
    found = sorted(file for file in Path(path).iterdir() if file.suffix in endings)
    if not found:
        wanted = " or ".join(endings)
        raise CorpusError(f"{shown(path)} is a folder without a file that ends in {wanted}")
    return found


def numbered_lines(path: str | Path) -> Iterator[tuple[int, str]]:
    """The lines of a UTF-8 file without their ends, each with its number from 1, one at a time.

    "-" is standard input. Raises CorpusError as `read_text` does, with the line; there may be none.
    """
    where = shown(path)
    with nullcontext(sys.stdin.buffer) if str(path) == "-" else _regular(path) as file:
        for number, data in enumerate(file, 1):
            if b"\0" in data:
                raise CorpusError(f"{where}, line {number}: a NUL byte, but a text was needed")
            try:
                line = data.decode("utf-8")
            except UnicodeDecodeError as error:
                raise CorpusError(
                    f"{where}, line {number}: byte 0x{data[error.start]:02x} is not UTF-8: "
                    "save the text as UTF-8"
                ) from None
            line = line.removesuffix("\n").removesuffix("\r")
            yield number, line.removeprefix(BOM_UTF8.decode()) if number == 1 else line


@contextmanager
def _regular(path: str | Path) -> Iterator[BinaryIO]:
    """A file that is open for reading, with what is wrong with it as a CorpusError."""
    where = shown(path)
    try:
        mode = Path(path).stat().st_mode
        if stat.S_ISDIR(mode):
            raise CorpusError(f"{where} is a folder, but a text file was needed: name a file in it")
        if not stat.S_ISREG(mode):
            raise CorpusError(
                f"{where} is a pipe or a device, but a regular file was needed: "
                "save the text to a file first"
            )
        with Path(path).open("rb") as file:
            yield file
    except FileNotFoundError:
        raise CorpusError(f"{where}: no such file: check the path") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise CorpusError(f"{where} cannot be read ({reason}): name a readable text file") from None


def shown(path: str | Path) -> str:
    """`path` for a message: whole, since its end says most."""
    return quoted(path, limit=1_000)


def decode_text(data: bytes, where: str) -> str:
    """UTF-8 `data` as text: without byte order mark, every line end (CRLF, CR) a line feed.

    Raises CorpusError, which begins with `where`, as `decode_utf8` does, for a NUL (a sign of a
    binary file), and where there is nothing but white space.
    """
    _refuse_other_unicode(data, where)
    if (offset := data.find(b"\0")) >= 0:
        raise CorpusError(
            f"{where} looks binary (a NUL byte at offset {offset}), but a text was needed"
        )
    text = normalize(decode_utf8(data, where))
    if is_blank(text):
        found = "only white space" if text else "empty"
        raise CorpusError(f"{where} is {found}, but a text with words was needed")
    return text


def decode_utf8(data: bytes, where: str) -> str:
    """UTF-8 `data` as it stands, byte order mark and all.

    Raises CorpusError, which begins with `where`, for bytes that are not UTF-8 (with their offset).
    """
    _refuse_other_unicode(data, where)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CorpusError(
            f"{where}: byte 0x{data[error.start]:02x} at offset {error.start} is not UTF-8: "
            "save the text as UTF-8"
        ) from None


def _refuse_other_unicode(data: bytes, where: str) -> None:
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE, BOM_UTF32_BE)):
        found = "UTF-32" if data.startswith((BOM_UTF32_LE, BOM_UTF32_BE)) else "UTF-16"
        raise CorpusError(f"{where} is {found}, but UTF-8 was needed: save the text as UTF-8")


def is_blank(text: str) -> bool:
    """Whether there is nothing but white space, if that."""
    return not text or text.isspace()


def normalize(text: str) -> str:
    """`text` without a byte order mark at its start, every line end (CRLF, CR) a line feed."""
    text = text.removeprefix(BOM_UTF8.decode())
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _read_stdin() -> bytes:
    try:
        return sys.stdin.buffer.read()
    except (OSError, ValueError, AttributeError) as error:  # closed, a folder, or none at all
        raise CorpusError(f"standard input cannot be read ({error}): pipe a text in") from None
