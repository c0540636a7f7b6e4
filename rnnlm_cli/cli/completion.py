"""`rnnlm completion`: what makes a shell complete commands, options and their values."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

VARIABLE = "_RNNLM_COMPLETE"  # with it a shell asks for what may follow


def completion(
    shell: Annotated[
        Literal["bash", "zsh", "fish"], typer.Argument(help="The shell.", metavar="bash|zsh|fish")
    ],
) -> None:
    """Print the script that has a shell complete commands, options and values (see Examples)."""
    from typer.completion import get_completion_script  # type: ignore[attr-defined]

    typer.echo(get_completion_script(prog_name="rnnlm", complete_var=VARIABLE, shell=shell))


def answer_shells() -> None:
    """Let Typer know the shells' ways to ask, which it otherwise does with options of its own."""
    from typer.completion import completion_init  # type: ignore[attr-defined]

    completion_init()
