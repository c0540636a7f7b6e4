"""One writer a target: a run holds the locks of its `--out` and `--log` for as long as it lives.

The lock is the kernel's, on the file `.NAME.pkl.lock` beside the target, and ends with the process,
however that ends. The file stays where it is: whoever removed it might remove it from under another
run that has just opened it. Readers take no lock: a file is replaced whole (`write_atomically`).
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from rnnlm_cli.atomic import way_out
from rnnlm_cli.checkpoint.naming import lock_path
from rnnlm_cli.errors import CheckpointError, quoted

_NO_LOCKS = {errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK}


class IsWritten(CheckpointError):
    """Another run holds the lock."""


class RunLock:
    """The lock of a run that writes `out`, which `option` chose; `with` holds it.

    Entering raises IsWritten if another run holds it, and CheckpointError. `notes` say so where the
    file system has no locks: the run then goes on without.
    """

    def __init__(self, out: Path, option: str = "--out") -> None:
        self.notes = list[str]()
        self._out, self._option = out, option
        self._lock: FileLock | None = None
        self._file: tuple[int, int] | None = None  # device and number of the file that is locked

    def __enter__(self) -> Self:
        self._hold()
        return self

    def _hold(self) -> None:
        """Take the lock of the file that the target's lock path leads to now."""
        path = lock_path(self._out)
        try:
            lock = take(path)
        except Timeout:
            raise IsWritten(
                f"{quoted(self._out)} is being written by another run: "
                f"wait for its end, stop it, or choose another {self._option}"
            ) from None
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise CheckpointError(
                    f"{quoted(path)} cannot be locked ({error.strerror}): "
                    f"{way_out(error, f'choose another {self._option}')}"
                ) from None
            self.notes = [f"{path.parent} knows no locks: let no other run write {self._out.name}"]
            return
        self._lock, self._file = lock, _identity(path)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._lock is not None:
            self._lock.release()

    def renew(self) -> None:
        """Make a folder again that was removed under the run, and lock the target there.

        Raises CheckpointError if that cannot be, or if another run was faster.
        """
        path = lock_path(self._out)
        if self._lock is None or _identity(path) == self._file:
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CheckpointError(
                f"{quoted(path.parent)} is gone and cannot be made again ({error.strerror}): "
                "make it, and the run saves there"
            ) from None
        gone = self._lock
        self._hold()
        gone.release()


def take(path: Path) -> FileLock:
    """The kernel's lock of a file, held. Raises Timeout if another process has it, and OSError."""
    # A soft lock would outlive a killed run, and a thread-local one end in another thread.
    lock = FileLock(path, timeout=0, thread_local=False, fallback_to_soft=False)
    lock.acquire()
    return lock


def check_unlocked(out: Path) -> None:
    """Raises CheckpointError if a run holds the lock of `out`; leaves nothing behind."""
    if lock_path(out).exists():
        with RunLock(out):
            pass


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        there = os.stat(path)
    except OSError:
        return None
    return there.st_dev, there.st_ino
