"""Options that several commands share, and how their values are read."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from rnnlm_cli.config import DEFAULT_CHECKPOINT
from rnnlm_cli.errors import ConfigError

_SECONDS = {"h": 3600, "m": 60, "s": 1}

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
    int | None, typer.Option(help="CPU threads to use. Default: all cores.", min=1)
]

CHECKPOINT = DEFAULT_CHECKPOINT


def parse_duration(text: str) -> float:
    """Seconds of "90s", "10m", "1h", "1h30m". Raises typer.BadParameter."""
    match = re.fullmatch(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?", text)
    if not text or match is None:
        raise typer.BadParameter(f"{text!r} is no duration: write it as 90s, 10m or 1h30m")
    seconds = sum(
        float(n) * unit for n, unit in zip(match.groups(), _SECONDS.values(), strict=True) if n
    )
    if not 0 < seconds < math.inf:
        raise typer.BadParameter(f"{text!r} must be more than nothing")
    return seconds


def given(ctx: Any, *kinds: type[Any]) -> dict[str, Any]:
    """The options that the user gave and that are settings of one of the config classes."""
    from dataclasses import fields

    names = {f.name for kind in kinds for f in fields(kind)}
    return {k: v for k, v in ctx.params.items() if k in names and v is not None}


@contextmanager
def usage() -> Iterator[None]:
    """Inside the block a setting out of range is bad usage: exit code 2."""
    try:
        yield
    except ConfigError as error:
        from rnnlm_cli.cli.render import say_error

        say_error(str(error))
        raise typer.Exit(2) from None
