"""The options of `rnnlm eval` for what helps a trained model to score."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from rnnlm_cli.cli.options import given
from rnnlm_cli.errors import ConfigError, quoted
from rnnlm_cli.settings.tricks import TrickConfig

_FLAGS = "Tricks, tuned on the validation split"
_VALUES = "Values of tricks, to repeat them without tuning"


def _flag(name: str, help_: str) -> Any:
    return typer.Option(name, help=help_, rich_help_panel=_FLAGS)


def _value(help_: str, metavar: str | None = None) -> Any:
    return typer.Option(help=help_, metavar=metavar, rich_help_panel=_VALUES)


TemperOption = Annotated[bool, _flag("--temper", "Divide the model's scores by a temperature.")]
CacheOption = Annotated[bool, _flag("--cache", "Mix with words that followed similar states.")]
NgramOption = Annotated[bool, _flag("--ngram", "Mix with a Kneser-Ney 5-gram model.")]
DynamicOption = Annotated[bool, _flag("--dynamic", "Learn from the text, after scoring it.")]
AllOption = Annotated[bool, _flag("--all-tricks", "All four, each alone and together.")]
TemperatureOption = Annotated[float | None, _value("What scores are divided by.")]
WindowOption = Annotated[int | None, _value("Words that the cache remembers.")]
ThetaOption = Annotated[float | None, _value("How much more the likest states count.")]
LrOption = Annotated[float | None, _value("Learning rate of dynamic evaluation.")]
DecayOption = Annotated[float | None, _value("How fast its weights go back.")]
MixtureOption = Annotated[
    str | None, _value("Shares of model, cache and n-grams, as in 0.7,0.2,0.1.", "SHARES")
]


def trick_config(ctx: Any) -> TrickConfig:
    """What the options ask for. Raises ConfigError."""
    settings = given(ctx, TrickConfig)
    if ctx.params["all_tricks"]:
        settings |= dict.fromkeys(("temper", "cache", "ngram", "dynamic"), True)
    if "mixture" in settings:
        settings["mixture"] = _shares(settings["mixture"])
    config = TrickConfig(**settings)
    if config.asked and ctx.params["protocol"] != "stream":
        raise ConfigError(
            f"--protocol is {ctx.params['protocol']}, but tricks score a text as one stream: "
            "leave it out"
        )
    return config


def _shares(text: str) -> tuple[float, ...]:
    try:
        return tuple(map(float, text.split(",")))
    except ValueError:
        raise ConfigError(
            f"mixture is {quoted(text)}, but must be numbers between commas, as in 0.7,0.2,0.1"
        ) from None
