"""What may stand in a setting."""

from __future__ import annotations

from typing import Any, get_args

from rnnlm_cli.errors import ConfigError

MOST = 10**9  # of anything that is counted: memory and time end far below it


MOST_THREADS = 1_024


_LARGEST = 1e30  # of what goes into float32, which ends at 3e38: a product must not leave it


_LARGEST_SEED = 2**63 - 1


def need(condition: bool, setting: str, found: object, needed: str) -> None:
    """Raises ConfigError where a setting is out of range."""
    if not condition:
        raise ConfigError(f"{setting} is {found}, but must be {needed}")


def need_int(setting: str, value: int, least: int, most: int = MOST) -> None:
    """The same for whole numbers."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    need(
        whole and least <= value <= most, setting, value, f"a whole number from {least} to {most:,}"
    )


def need_choice(setting: str, value: object, choices: Any) -> None:
    """The same for one of the words of a Literal."""
    names = get_args(choices)
    need(value in names, setting, repr(value), "one of " + ", ".join(names))
