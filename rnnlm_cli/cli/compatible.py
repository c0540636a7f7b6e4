"""Which options of a verb go together: those that say something of what it is asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.setting import Declared
from rnnlm_cli.settings.spelling import option_name


def check_together(
    given: Iterable[str],
    meant: Collection[str],
    asked: str,
    settings: Mapping[str, Declared] | None = None,
) -> None:
    """Raises ConfigError for an option among those `given`, by name, that is of no use.

    `meant` are those that say something of what is `asked`; the `settings` know how theirs look.
    """
    for name in given:
        if name not in meant:
            known = (settings or {}).get(name)
            flags = known.flags if known else f"--{option_name(name)}"
            raise ConfigError(f"{flags} says nothing of {asked}: leave it out")
