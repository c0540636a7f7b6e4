"""A system that fails, or ends the process, at one chosen call of a save."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Collection
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
