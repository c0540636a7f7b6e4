"""Bars of tqdm, for who has no display of his own: a script, a notebook."""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rnnlm_cli.watching import Progress


@contextmanager
def bars_of_here(
    name: str, total: int, unit: str = "tokens", *, note: str = ""
) -> Iterator[Progress]:
    """The `Bars` of where we are."""
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
