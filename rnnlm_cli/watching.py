"""How somebody watches something long: bars for its stages, and a stop that it is asked for."""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Protocol

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


@contextmanager
def bars_of_here(
    name: str, total: int, unit: str = "tokens", *, note: str = ""
) -> Iterator[Progress]:
    """Bars of tqdm, for who has no display of his own: a script, a notebook."""
    with bar_of_here(total, unit=unit, unit_scale=True, desc=name, leave=False) as bar:
        if note:
            bar.write(f"note: {note}", file=sys.stderr)
        yield bar.update


def bar_of_here(total: float, **options: Any) -> Any:
    """A bar of tqdm for where we are: a terminal, or a notebook; it takes long to import.

    A notebook without ipywidgets gets a bar of text, and is not told to install them. Where text is
    kept, all that the bar ever showed is kept: there it moves a hundred times at most.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "IProgress not found")
        from tqdm.auto import tqdm
    from tqdm.asyncio import tqdm as of_text

    if tqdm is of_text and not on_terminal():
        options |= {"miniters": total / 100, "mininterval": 0.5, "maxinterval": math.inf}
    return tqdm(total=total, **options)


def on_terminal() -> bool:
    """Whether standard error is one."""
    return sys.stderr is not None and sys.stderr.isatty()
