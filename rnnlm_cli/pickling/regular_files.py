"""Opening a file that a stranger may have made: a regular one, for a pipe would be waited for."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from rnnlm_cli.errors import CheckpointError


class NoFile(CheckpointError):
    """What a path leads to is a folder, a pipe or a device."""


@contextmanager
def opened(path: str | os.PathLike[str]) -> Iterator[tuple[BinaryIO, int]]:
    """The file `path` to read in the block, and how many bytes it has.

    Raises OSError, and NoFile for what is none.
    """
    # Without O_NONBLOCK, opening a FIFO would wait for a writer for ever.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except ValueError:
        raise OSError(errno.EINVAL, "its name holds a NUL") from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise NoFile("found a folder, a pipe or a device, but a file is needed")
        with open(descriptor, "rb", closefd=False) as file:
            yield file, status.st_size
    finally:
        os.close(descriptor)


def begins_as_a_pickle(path: str | os.PathLike[str]) -> bool:
    """Whether `path` is a file that begins as pickles do since protocol 2."""
    try:
        with opened(path) as (file, _):
            return file.read(1) == b"\x80"
    except (OSError, NoFile):
        return False


def read_file(path: str | os.PathLike[str], most: int) -> bytes:
    """What is in the file `path`, at most so many bytes.

    Raises OSError, and CheckpointError for what is no file or has more.
    """
    with opened(path) as (file, size):
        if size > most:
            raise CheckpointError(f"found {size} bytes, but {most} are the most")
        return file.read(size + 1)  # one more shows a file that is still growing
