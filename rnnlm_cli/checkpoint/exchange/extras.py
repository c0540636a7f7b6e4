"""Libraries that few need: each comes with an extra, and is imported where it is used."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from rnnlm_cli.errors import MissingExtra


def library(module: str, extra: str | None = None) -> Any:
    """The `module` of a library that an extra brings, which has its name or another.

    Raises MissingExtra where it is not installed.
    """
    name = module.partition(".")[0]
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name not in (name, module):
            raise  # it is there, and lacks something itself
        what = f"files of {name} need" if extra is None else f"a {extra} needs"
        raise MissingExtra(
            f"{what} the library {name}, which is not installed: "
            f"pip install {name}, or rnnlm-cli[{extra or name}]"
        ) from None
