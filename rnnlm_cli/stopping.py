"""What something long tells those outside as it goes, and how they stop it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

Progress = Callable[[int], object]  # called with the number of words just done
Bars = Callable[[str, int], AbstractContextManager[Progress | None]]  # of stages: name, words
Stop = Callable[[], bool]  # asked now and then, by any thread: whether to give up

SIGNALS = "SIGINT", "SIGTERM", "SIGHUP"  # that ask to stop; the last of a closed terminal


def never() -> bool:
    """The Stop of what goes on to its end."""
    return False


def in_silence(name: str, words: int) -> AbstractContextManager[None]:
    """Bars that nobody sees."""
    return nullcontext()


def bar_of_here() -> Any:
    """tqdm's bar for where we are: a terminal, or a notebook; it takes long to import.

    A notebook without ipywidgets gets a bar of text, and is not told to install them.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "IProgress not found")
        from tqdm.auto import tqdm
    return tqdm
