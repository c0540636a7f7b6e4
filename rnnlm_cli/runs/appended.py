"""A file that a run adds to as it goes; what cannot be written waits, and training goes on."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rnnlm_cli.atomic import helps, way_out
from rnnlm_cli.errors import ConfigError, quoted
from rnnlm_cli.runs.events import SaveFailed


class AppendedFile:
    """The file at `path`, begun anew or added to; `option` is what chose it.

    Nothing is buffered, so that whoever reads along sees all there is. Raises ConfigError if it
    cannot be opened.
    """

    def __init__(self, path: Path, option: str, *, anew: bool) -> None:
        self.path = path
        self._waiting: list[bytes] = []  # records that are not on the disk
        self._failed = False
        with opening(path, option):
            # Not buffered: a record that is half written can be taken back.
            self._file = path.open("ab", buffering=0)
        status = os.fstat(self._file.fileno())
        if anew and stat.S_ISREG(status.st_mode):
            self._file.truncate(0)

    def add(self, records: list[bytes], *, patient: bool = False) -> list[SaveFailed]:
        """Write `records`, and those that wait; after a failure the `patient` ones wait too.

        So a disk that is full is told once an epoch, not at every step.
        """
        self._waiting += records
        return [] if not self._waiting or (patient and self._failed) else self._write()

    def _write(self) -> list[SaveFailed]:
        data = b"".join(self._waiting)
        before = os.fstat(self._file.fileno()).st_size  # others may have changed it
        try:
            left = memoryview(data)
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            self._failed = True
            with suppress(OSError):  # a pipe cannot be cut
                self._file.truncate(before)
            what = f"{len(self._waiting)} records could not be written: {error.strerror}"
            told = quoted(self.path), what, helps(error)
            return [SaveFailed(": ".join(filter(None, told)))]
        self._failed = False
        self._waiting = []
        return []

    def close(self) -> None:
        """No more records will come."""
        self._file.close()


@contextmanager
def opening(path: Path, option: str) -> Iterator[None]:
    """Inside the block `path`, which `option` chose, is opened or changed. Raises ConfigError."""
    try:
        yield
    except OSError as error:
        raise ConfigError(
            f"{quoted(path)} cannot be written ({error.strerror}): "
            f"{way_out(error, f'choose another {option}')}"
        ) from None
