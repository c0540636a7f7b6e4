"""What something long tells those outside as it goes, and how they stop it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

Progress = Callable[[int], object]  # called with the number of words just done
Bars = Callable[[str, int], AbstractContextManager[Progress | None]]  # of stages: name, words
Stop = Callable[[], bool]  # asked now and then, by any thread: whether to give up


def never() -> bool:
    """The Stop of what goes on to its end."""
    return False


def in_silence(name: str, words: int) -> AbstractContextManager[None]:
    """Bars that nobody sees."""
    return nullcontext()
