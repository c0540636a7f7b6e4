"""What something long tells those outside as it goes, and how they stop it."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int], object]  # called with the number of words just done
Stop = Callable[[], bool]  # asked now and then, by any thread: whether to give up


def never() -> bool:
    """The Stop of what goes on to its end."""
    return False
