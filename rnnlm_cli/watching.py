"""How somebody watches something long: bars for its stages, and a stop that it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

Progress = Callable[[int], object]  # called with the number of words just done
Stop = Callable[[], bool]  # asked now and then, by any thread: whether to give up


def unseen(done: int) -> None:
    """The Progress that nobody sees."""


def never() -> bool:
    """The Stop of what goes on to its end."""
    return False


class Bars(Protocol):
    """A bar for each stage of something long, while its block lasts."""

    def __call__(
        self, name: str, total: int, unit: str = "tokens", *, note: str = ""
    ) -> AbstractContextManager[Progress]:
        """Over so many units; `note` is told before, to who sees the bar."""
        ...


def in_silence(
    name: str, total: int, unit: str = "tokens", *, note: str = ""
) -> AbstractContextManager[Progress]:
    """Bars that nobody sees."""
    return nullcontext(unseen)
