"""Files that are read line by line, such as those of pairs."""

from __future__ import annotations

import json
import os
import sys
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from rnnlm_cli.corpus.reading.files import files_in, place_of, regular, shown
from rnnlm_cli.errors import CorpusError


def files_at(path: str | Path, *endings: str) -> list[Path]:
    """`path`, or where it is a folder the files in it with one of `endings`, in order of name.

    Raises CorpusError for a folder without any, or that cannot be read.
    """
    if not os.path.isdir(path):
        return [Path(path)]
    found = [file for file in files_in(path) if file.suffix in endings]
    if not found:
        wanted = " or ".join(endings)
        raise CorpusError(f"{shown(path)} is a folder without a file that ends in {wanted}")
    return found


def numbered_lines(path: str | Path) -> Iterator[tuple[int, str]]:
    """The lines of a UTF-8 file without their ends, each with its number from 1, one at a time.

    "-" is standard input. Raises CorpusError as `read_text` does, with the line; there may be none.
    """
    where = place_of(path)
    with nullcontext(sys.stdin.buffer) if str(path) == "-" else regular(path, where) as file:
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


def read_json(text: str, where: str, line: int | None = None, advice: str = "") -> Any:
    """The JSON that a stranger wrote in `where`: in that one `line` of it, or in all of its `text`.

    Raises CorpusError, with the line and the `advice`.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise CorpusError(
            f"{where}, line {line or error.lineno}: no JSON ({error.msg}, at character "
            f"{error.colno}){advice and f': {advice}'}"
        ) from None
    except (RecursionError, ValueError) as error:  # a number of too many digits
        place = where if line is None else f"{where}, line {line}"
        raise CorpusError(f"{place}: JSON that cannot be read ({error})") from None
