"""Libraries that write and read the formats of others: each an extra, imported where it is used."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from rnnlm_cli.errors import MissingExtra


def library(module: str) -> Any:
    """The `module` of a library that an extra of the same name brings.

    Raises MissingExtra where it is not installed.
    """
    name = module.partition(".")[0]
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name not in (name, module):
            raise  # it is there, and lacks something itself
        raise MissingExtra(
            f"files of {name} need the library {name}, which is not installed: "
            f"pip install {name}, or rnnlm-cli[{name}]"
        ) from None
