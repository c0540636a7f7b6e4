"""What a command reads it does not write over."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from rnnlm_cli.errors import ConfigError, quoted


def check_not_read(
    out: str | os.PathLike[str], read: Iterable[str | os.PathLike[str] | None]
) -> None:
    """Raises ConfigError where `out` is one of the files that are `read`, which would be gone."""
    for path in read:
        if path is not None and is_same_file(out, path):
            raise ConfigError(
                f"{quoted(Path(out))} is read too, and would be gone: choose another name"
            )


def is_same_file(path: str | os.PathLike[str], other: str | os.PathLike[str]) -> bool:
    """Whether both are one file that is there; "-", as `other`, is what standard input reads."""
    with suppress(OSError, ValueError):
        there = sys.stdin.fileno() if os.fspath(other) == "-" else other
        return os.path.samefile(path, there)
    return False
