"""Options that several commands share, and how their values are read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings import duration
from rnnlm_cli.settings.run import DEFAULT_CHECKPOINT
from rnnlm_cli.settings.setting import MOST_THREADS

CheckpointArgument = Annotated[
    Path, typer.Argument(help="The model file.", metavar="[CHECKPOINT]", show_default=True)
]
CorpusOption = Annotated[
    str | None,
    typer.Option(
        "--corpus",
        metavar="NAME|PATH",
        help="The corpus of the model, if it is not the one that the checkpoint names.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document instead.")]
ThreadsOption = Annotated[
    int | None,
    typer.Option(help="CPU threads to use. Default: all cores.", min=1, max=MOST_THREADS),
]

CHECKPOINT = DEFAULT_CHECKPOINT


def parse_duration(text: str) -> float:
    """Seconds of "90s", "10m", "1h", "1h30m". Raises typer.BadParameter."""
    try:
        return duration.parse_duration(text)
    except ConfigError as error:
        raise typer.BadParameter(str(error)) from None


def given(ctx: Any, *kinds: type[Any]) -> dict[str, Any]:
    """The options that the user gave and that are settings of one of the config classes."""
    from dataclasses import fields

    names = {f.name for kind in kinds for f in fields(kind)}
    return {k: v for k, v in ctx.params.items() if k in names and v is not None}


def check_each(settings: dict[str, Any], *kinds: type[Any]) -> None:
    """Each setting by itself, whatever it is to go with. Raises ConfigError."""
    from dataclasses import fields

    for kind in kinds:
        for field in fields(kind):
            if field.name in settings:
                kind(**{field.name: settings[field.name]})


@contextmanager
def usage() -> Iterator[None]:
    """Inside the block a setting out of range is bad usage: exit code 2."""
    try:
        yield
    except ConfigError as error:
        from rnnlm_cli.cli.showing.render import say_error

        say_error(str(error))
        raise typer.Exit(2) from None
