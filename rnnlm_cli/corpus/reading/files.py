"""The bytes of a text file or of standard input, unpacked if they are packed with gzip."""

from __future__ import annotations

import os
import re
import shlex
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from rnnlm_cli.errors import LONGEST_PATH, CorpusError, printable, quoted
from rnnlm_cli.machine import need
from rnnlm_cli.pickling.regular_files import NoFile, opened

_TOKEN_BYTES = 10  # of memory, at least, that a byte of text takes while it is cut into tokens
_SHORTER = "use a shorter text, or a part of this one"
_GZIP = b"\x1f\x8b"  # which no UTF-8 text begins with
_WEB = re.compile(r"(?:https?|ftp)://", re.IGNORECASE)
_BLOCK = 1 << 24  # bytes that are unpacked at once, of a text that is read whole
_PIECE = 1 << 17  # bytes at a time, of one that is not
# What files begin with that are given for texts.
_NO_TEXTS = {
    b"PK\x03\x04": "a zip archive, or a document that is one (.docx, .odt, .epub)",
    b"%PDF-": "a PDF file",
    b"{\\rtf": "an RTF document",
    b"BZh": "packed with bzip2",
    b"\xfd7zXZ\x00": "packed with xz",
    b"\x28\xb5\x2f\xfd": "packed with zstd",
    b"PAR1": "a Parquet file",
    b"SQLite format 3\x00": "an SQLite database",
}


def shown(path: str | Path) -> str:
    """`path` for a message: whole, since its end says most."""
    return quoted(path, limit=LONGEST_PATH)


def place_of(path: str | Path) -> str:
    """What a file, or standard input where `path` is "-", is called in messages."""
    return "standard input" if str(path) == "-" else shown(path)


def read_bytes(path: str | Path) -> bytes:
    """What is in a file, or in standard input where `path` is "-".

    Raises CorpusError if there is no such file, if it cannot be read, if it is no
    regular file (a pipe or a device could block or never end, so it is not opened), or no text; and
    ConfigError where what is made of it would not fit into memory.
    """
    where = place_of(path)
    data = _read_stdin() if str(path) == "-" else _read_file(path, where)
    _check_is_text(data, where)
    if not data.startswith(_GZIP):
        return data
    size, blocks = 0, list[bytes]()
    for block in _unpacked(iter([data]), where, _BLOCK):
        size += len(block)
        need(f"unpacking {where}", {"what is made of it": _TOKEN_BYTES * size}, _SHORTER)
        blocks.append(block)
    return b"".join(blocks)


def read_blocks(path: str | Path) -> Iterator[bytes]:
    """The same piece by piece, which takes no more memory of a long text. Raises as that does."""
    where = place_of(path)
    if str(path) == "-":
        yield from _text_blocks(iter(lambda: _read_stdin(_PIECE), b""), where)
        return
    with regular(path, where) as file:
        yield from _text_blocks(iter(lambda: file.read(_PIECE), b""), where)


def _text_blocks(blocks: Iterator[bytes], where: str) -> Iterator[bytes]:
    first = next(blocks, b"")
    _check_is_text(first, where)
    whole = chain([first], blocks)
    return _unpacked(whole, where, _PIECE) if first.startswith(_GZIP) else whole


def _check_is_text(data: bytes, where: str) -> None:
    for mark, kind in _NO_TEXTS.items():
        if data.startswith(mark):
            raise CorpusError(f"{where} is {kind}, but a text was needed: save it as plain text")


def _read_file(path: str | Path, where: str) -> bytes:
    with regular(path, where) as file:
        size = os.fstat(file.fileno()).st_size
        need(f"reading {where}", {"what is made of it": _TOKEN_BYTES * size}, _SHORTER)
        return file.read()


@contextmanager
def regular(path: str | Path, where: str) -> Iterator[BinaryIO]:
    """A regular file, open for reading in the block. Raises CorpusError as `read_bytes` does."""
    try:
        with opened(path) as (file, _):
            yield file
    except NoFile:
        raise CorpusError(
            f"{where} is a folder, but a text file was needed: name a file in it"
            if os.path.isdir(path)
            else f"{where} is a pipe or a device, but a regular file was needed: "
            "save the text to a file first"
        ) from None
    except FileNotFoundError:
        check_local(path)
        raise CorpusError(f"{where}: no such file: check the path") from None
    except OSError as error:
        raise CorpusError(
            f"{where} cannot be read ({error.strerror or error}): name a readable text file"
        ) from None


def files_in(folder: str | Path) -> list[Path]:
    """The files in a folder, by name, but for hidden ones: macOS puts `._NAME` beside each NAME.

    Raises CorpusError where it cannot be read.
    """
    try:
        with os.scandir(folder) as entries:
            visible = (each for each in entries if not each.name.startswith("."))
            return sorted(Path(entry.path) for entry in visible if entry.is_file())
    except OSError as error:
        raise CorpusError(
            f"the folder {shown(folder)} cannot be read ({error.strerror or error}): "
            "name a folder that can be"
        ) from None


def without_gz(path: str | Path) -> Path:
    """The name that a file has when it is not packed."""
    path = Path(path)
    return path.with_suffix("") if path.suffix.lower() == ".gz" else path


def is_in_the_web(path: str | Path) -> bool:
    """Whether that is an address, which is no path."""
    return _WEB.match(str(path)) is not None


def check_local(path: str | Path) -> None:
    """Raises CorpusError for an address."""
    if is_in_the_web(path):
        raise CorpusError(
            f"{shown(path)} is an address in the web, but texts are read from files: download it "
            f"first, as with curl -LO {shlex.quote(printable(path))}, and name that file"
        )


def _read_stdin(size: int = -1) -> bytes:
    try:
        return sys.stdin.buffer.read(size)
    except (OSError, ValueError, AttributeError):  # closed, a folder, or none at all
        raise CorpusError("standard input cannot be read: pipe a text in") from None


def _unpacked(packed: Iterator[bytes], where: str, most: int) -> Iterator[bytes]:
    """What blocks of gzip data hold, whose members follow one another, `most` bytes at a time.

    A file may unpack to a thousand times its size.
    """
    rest = next(packed, b"")
    while (rest := rest if len(rest) > 1 else rest + next(packed, b"")).startswith(_GZIP):
        member = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            while not member.eof:
                block = member.decompress(rest, most)
                rest = member.unused_data if member.eof else member.unconsumed_tail
                if not (rest or member.eof or (rest := next(packed, b"")) or block):
                    raise zlib.error("cut short")
                if block:  # a member may hold nothing
                    yield block
        except zlib.error:
            raise CorpusError(
                f"{where} is packed with gzip, but damaged or cut short: get the file again"
            ) from None
    if any(map(any, chain([rest], packed))):
        raise CorpusError(f"{where} is packed with gzip, but other bytes follow: get it again")
