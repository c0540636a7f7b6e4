"""What a command reads it does not write over."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from rnnlm_cli.errors import ConfigError, quoted

AnyPath = str | os.PathLike[str]


class FilesRead:
    """The files that a command reads; `out`, should it be known by then, is what it will write."""

    def __init__(self, out: AnyPath | None = None) -> None:
        self._out, self._read = out, set[str]()

    def add(self, *paths: AnyPath | None) -> None:
        """Before these are read, should they be given. Raises ConfigError where one is `out`."""
        given = [os.fspath(path) for path in paths if path is not None]
        if self._out is not None:
            check_not_read(self._out, given)
        # A program may go to another folder before it writes.
        self._read |= {path if path == "-" else os.path.abspath(path) for path in given}

    def check(self, out: AnyPath) -> None:
        """Raises ConfigError where `out`, which is to be written, is one of them."""
        check_not_read(out, self._read)


def check_not_read(out: AnyPath, read: Iterable[AnyPath]) -> None:
    """Raises ConfigError where `out` is one of the files that are `read`, which would be gone."""
    if any(is_same_file(out, path) for path in read):
        raise ConfigError(
            f"{quoted(Path(out))} is read too, and would be gone: choose another name"
        )


def is_same_file(path: AnyPath, other: AnyPath) -> bool:
    """Whether both are one file that is there; "-", as `other`, is what standard input reads."""
    with suppress(OSError, ValueError):
        there = sys.stdin.fileno() if os.fspath(other) == "-" else other
        return os.path.samefile(path, there)
    return False
