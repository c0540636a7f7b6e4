"""Libraries that few need: each comes with an extra, and is imported where it is used."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from rnnlm_cli.errors import MissingExtra


def library(module: str, what: str | None = None, extra: str | None = None) -> Any:
    """The `module` of a library that an `extra` brings, by default one of its name.

    `what` needs it: by default files of that name.
    Raises MissingExtra where it is not installed.
    """
    name = module.partition(".")[0]
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name not in (name, module):
            raise  # it is there, and lacks something itself
        raise MissingExtra(
            f"{what or f'files of {name}'} need the library {name}, which is not installed: "
            f"pip install {name}, or rnnlm-cli[{extra or name}]"
        ) from None
