"""What something long tells those outside as it goes, and how they stop it."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Protocol

Progress = Callable[[int], object]  # called with the number of words just done
Stop = Callable[[], bool]  # asked now and then, by any thread: whether to give up

SIGNALS = "SIGINT", "SIGTERM", "SIGHUP"  # that ask to stop; the last of a closed terminal


def never() -> bool:
    """The Stop of what goes on to its end."""
    return False


class Bars(Protocol):
    """A bar for each stage of something long, while its block lasts."""

    def __call__(
        self, name: str, total: int, unit: str = "tokens", *, note: str = ""
    ) -> AbstractContextManager[Progress | None]:
        """Over so many units; `note` is told before, to who sees the bar."""
        ...


def in_silence(
    name: str, total: int, unit: str = "tokens", *, note: str = ""
) -> AbstractContextManager[None]:
    """Bars that nobody sees."""
    return nullcontext()


@contextmanager
def bars_of_here(
    name: str, total: int, unit: str = "tokens", *, note: str = ""
) -> Iterator[Progress]:
    """Bars of tqdm, for who has no display of his own."""
    with bar_of_here()(total=total, unit=unit, unit_scale=True, desc=name, leave=False) as bar:
        if note:
            bar.write(f"note: {note}", file=sys.stderr)
        yield bar.update


def bar_of_here() -> Any:
    """tqdm's bar for where we are: a terminal, or a notebook; it takes long to import.

    A notebook without ipywidgets gets a bar of text, and is not told to install them.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "IProgress not found")
        from tqdm.auto import tqdm
    return tqdm
