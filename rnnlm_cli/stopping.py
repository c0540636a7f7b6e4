"""A stop that is asked for from outside, while something long is under way."""

from __future__ import annotations

from collections.abc import Callable

Stop = Callable[[], bool]


class Interrupted(Exception):
    """A stop was asked for while a text was being scored."""


def until(stop: Stop) -> Callable[[int], None]:
    """A progress for `evaluate` that raises Interrupted as soon as `stop` says yes."""

    def progress(_: int) -> None:
        if stop():
            raise Interrupted

    return progress
