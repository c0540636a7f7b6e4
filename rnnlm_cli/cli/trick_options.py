"""The options of `rnnlm eval` and `rnnlm score` for what helps a trained model to score."""

from __future__ import annotations

from typing import Annotated, Any, get_args

import typer

from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.train import Protocol
from rnnlm_cli.settings.tricks import FLAGS, Trick, TrickConfig

AllOption = Annotated[
    bool,
    typer.Option("--all-tricks", help="All four, each alone and together.", rich_help_panel=FLAGS),
]


def trick_config(
    given: dict[str, Any], all_tricks: bool, protocol: Protocol = "stream"
) -> TrickConfig:
    """What the options ask for. Raises ConfigError."""
    flags = dict.fromkeys(get_args(Trick), True) if all_tricks else {}
    config = TrickConfig(**given | flags)
    if config.asked and protocol != "stream":
        raise ConfigError(
            f"--protocol is {protocol}, but tricks score a text as one stream: leave it out"
        )
    return config
