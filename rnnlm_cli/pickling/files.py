"""Reading a file that a stranger may have made: a regular one, of a bounded size."""

from __future__ import annotations

import os
import stat

from rnnlm_cli.errors import CheckpointError


def read_file(path: str | os.PathLike[str], most: int) -> bytes:
    """What is in the file `path`, at most so many bytes.

    Raises OSError, and CheckpointError for what is no file or has more.
    """
    # Without O_NONBLOCK, opening a FIFO would wait for a writer for ever.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise CheckpointError("found a folder, a pipe or a device, but a file is needed")
        if status.st_size > most:
            raise CheckpointError(f"found {status.st_size} bytes, but {most} are the most")
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(status.st_size + 1)  # one more shows a file that is still growing
    finally:
        os.close(descriptor)
