"""Standard input as the text of a corpus: copied to the cache, it is a file like any other.

A corpus is read again, to resume and to score, and a pipe can be read but once. The copy is named
by its hash, so that the same text is the same file; it is the text as it came, but unpacked.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from rnnlm_cli.atomic import temporary_of
from rnnlm_cli.corpus.cache_folder import cache_folder, keep_newest, no_room
from rnnlm_cli.corpus.reading.files import read_blocks
from rnnlm_cli.corpus.reading.places import Place
from rnnlm_cli.errors import ConfigError, CorpusError

KEPT = 5  # copies; the oldest go first
_COPY = r"stdin-[0-9a-f]{16}\.txt"
_NAME = "-"


def place_of_files(place: Place) -> Place:
    """`place`, with a copy of standard input where it names that by "-".

    Raises CorpusError for a terminal, for an empty input, and where there is no room for the copy.
    """
    count = place.names.count(_NAME)
    if count == 0:
        return place
    if count > 1:
        raise ConfigError("standard input (-) is given twice, but can be read once")
    if sys.stdin is not None and sys.stdin.isatty():
        raise CorpusError(
            "standard input is a terminal, but a text was needed: pipe one in, as with < TEXT"
        )
    path = str(_copied())
    return replace(place, names=tuple(path if name == _NAME else name for name in place.names))


def is_copy(name_or_path: str) -> bool:
    """Whether that is the name of a copy of standard input."""
    return re.fullmatch(_COPY, os.path.basename(name_or_path)) is not None


def copy_notes(names: tuple[str, ...], place: Place) -> list[str]:
    """Where the text is kept that was named "-" among `names`, and how long."""
    copies = [path for name, path in zip(names, place.names, strict=True) if name == _NAME]
    return [
        f"standard input is kept as {path} until {KEPT} others are: --resume and eval read it there"
        for path in copies
    ]


def _copied() -> Path:
    folder, digest, size = cache_folder(), hashlib.sha256(), 0
    part = temporary_of(folder / f"stdin-{'0' * 16}.txt")  # whose hash is not known yet
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with open(part, "xb", opener=partial(os.open, mode=0o600)) as file:  # nobody else's
            for block in read_blocks(_NAME):
                digest.update(block)
                size += len(block)
                file.write(block)
        if not size:
            raise CorpusError("standard input is empty, but a text with words was needed")
        copy = folder / f"stdin-{digest.hexdigest()[:16]}.txt"
        if copy.is_file() and copy.stat().st_size == size:
            os.utime(copy)  # what is used again is not the oldest
        else:
            os.replace(part, copy)
        with suppress(OSError):  # another process may be faster
            keep_newest(folder, _COPY, KEPT)  # now that the new one is there: it may be empty
        return copy
    except OSError as error:
        raise no_room(folder, error) from None
    finally:
        with suppress(OSError):
            os.unlink(part)
