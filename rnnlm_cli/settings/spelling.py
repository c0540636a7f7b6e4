"""How the names and values of settings are typed, and told of."""

from __future__ import annotations


def option_name(name: str) -> str:
    """How options and messages spell the name of a field."""
    return name.replace("_", "-")


def spelt(value: object) -> str:
    """A value as it is typed: numbers or names that are read together stand between commas."""
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
