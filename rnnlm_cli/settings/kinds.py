"""The types of settings: what from Python is a value of one, how it is kept, what is allowed."""

from __future__ import annotations

import os
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Protocol

# What a value must be, and what a message asks for.
TYPES: dict[Any, tuple[type, str]] = {
    bool: (bool, "True or False"),
    int: (int, "a whole number"),
    float: (Real, "a number"),
    str: (str, "text"),
    Path: (Path, "a path"),
}


class Allowed(Protocol):
    """What may stand in a setting, of the type of its field."""

    @property
    def needed(self) -> str:
        """What a message asks for."""
        ...

    def holds(self, value: Any) -> bool:
        """Whether `value` may."""
        ...


def as_kind(value: Any, kind: Any) -> Any:
    """A number as what is typed would be: 1 is 1.0 where `kind` is float.

    So a run is the same, its id too, whoever asked for it. What is no such number stays.
    """
    if not isinstance(value, Real) or isinstance(value, bool):
        return value
    if kind is int and isinstance(value, Integral):
        return int(value)
    if kind is float:
        try:
            return float(value)
        except OverflowError:
            return float("inf")  # which no setting takes
    return value


def is_path(value: str | os.PathLike[str]) -> bool:
    """Whether a system can be asked for such a path: it is not empty, and has no NUL."""
    try:
        path = os.fsencode(value)
    except UnicodeEncodeError:
        return False
    return bool(path) and b"\0" not in path
