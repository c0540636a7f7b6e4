"""How the names and values of settings are typed, and told of."""

from __future__ import annotations


def option_name(name: str) -> str:
    """How options and messages spell the name of a field."""
    return name.replace("_", "-")


def spelt(value: object) -> str:
    """A value as it is typed: numbers or names that are read together stand between commas."""
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def shown(value: object) -> str:
    """The same for a message: what is not given has no value."""
    return "not given" if value is None or value == () else spelt(value)


def typed_value(value: object) -> str:
    """A value as it is typed so that it is read as the same again, to the bit."""
    if isinstance(value, tuple):
        return ",".join(map(typed_value, value))
    return str(value).removesuffix(".0") if isinstance(value, float) else str(value)
