"""A bar on stderr, if that is a terminal, for the tokens of a stage."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from tqdm import tqdm

Item = TypeVar("Item")


@contextmanager
def bar(name: str, tokens: int) -> Iterator[Callable[[int], object]]:
    """Inside the block there is a progress over so many tokens, which is shown if it takes long."""
    hidden = not sys.stderr.isatty()
    with tqdm(total=tokens, desc=name, unit="tok", leave=False, disable=hidden, delay=0.5) as shown:
        yield shown.update


def counted(items: Iterable[Item], total: int | None) -> Iterator[Item]:
    """`items`, with a bar over so many of them as they are taken, if that takes long."""
    hidden = not sys.stderr.isatty()
    yield from tqdm(items, total=total, unit="", leave=False, disable=hidden, delay=0.5)
