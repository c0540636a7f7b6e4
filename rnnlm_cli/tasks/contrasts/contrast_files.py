"""Files of pairs and suites: which those of a folder are, their names, the JSON in them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from rnnlm_cli.corpus.reading.files import files_in, place_of, shown, without_gz
from rnnlm_cli.errors import CorpusError


def files_at(path: str | Path, *endings: str) -> list[Path]:
    """`path`, or where it is a folder the files in it with one of `endings`, packed or not.

    They are in order of their names. Raises CorpusError for a folder without any, or that cannot be
    read.
    """
    if not os.path.isdir(path):
        return [Path(path)]
    found = [file for file in files_in(path) if without_gz(file).suffix.lower() in endings]
    if not found:
        wanted = " or ".join(endings)
        raise CorpusError(f"{shown(path)} is a folder without a file that ends in {wanted}")
    return found


def stem_of(path: str | Path) -> str:
    """The name of a file, without what it says of its form; what standard input is called."""
    return place_of(path) if str(path) == "-" else without_gz(path).stem


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
