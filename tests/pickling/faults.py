"""A system that fails, or ends the process, at one chosen call of a save; a disk that is full."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

PURE = {"fspath", "getpid"}  # they ask the system nothing


def nothing() -> None:
    """A harm that is none: the calls are counted."""


def die() -> None:
    """Sudden death of this process."""
    os.kill(os.getpid(), signal.SIGKILL)


class System:
    """Stands for the module `os` in code under test; `harm` is done at call number `at`.

    Calls of all functions are counted, or only of those in `names`.
    """

    def __init__(
        self,
        at: int = -1,
        harm: Callable[[], None] = nothing,
        *,
        after: bool = False,
        names: Collection[str] = (),
    ) -> None:
        self.at, self.harm, self.after, self.names = at, harm, after, names
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        function = getattr(os, name)
        if self.names and name not in self.names:
            return function
        if name in PURE or isinstance(function, type) or not callable(function):
            return function

        def called(*arguments: Any, **options: Any) -> Any:
            now = len(self.calls) == self.at
            self.calls.append(name)
            if now and not self.after:
                self.harm()
            try:
                return function(*arguments, **options)
            finally:
                if now and self.after:
                    self.harm()

        return called


class FullDisk:
    """Stands for the module `os`: the files in `folder` have `room` bytes in all; `most` they had.

    Files with two names count once, as on a disk.
    """

    def __init__(self, folder: Path, room: int) -> None:
        self.folder, self.room, self.most = folder, room, 0

    def used(self) -> int:
        """Bytes of all files in the folder."""
        found = {status.st_ino: status.st_size for status in map(Path.stat, self.folder.iterdir())}
        return sum(found.values())

    def write(self, descriptor: int, data: memoryview) -> int:
        """As that of `os`, on this disk."""
        self._take(len(data))
        return os.write(descriptor, data)

    def posix_fallocate(self, descriptor: int, start: int, size: int) -> None:
        """As that of `os`, on this disk."""
        self._take(size)
        os.truncate(descriptor, start + size)

    def _take(self, size: int) -> None:
        if self.used() + size > self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.most = max(self.most, self.used() + size)

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)
