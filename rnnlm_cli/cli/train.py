"""`rnnlm train`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from rnnlm_cli.cli.meant import arguments_for
from rnnlm_cli.cli.options import JsonOption, bad_usage, with_options
from rnnlm_cli.errors import ConfigError, quoted
from rnnlm_cli.settings.run import SETTINGS, RunRequest
from rnnlm_cli.settings.setting import check_given

# Options that the help does not show in the order of the fields.
_BEHIND = {
    "preset": "corpus",
    "epochs": "preset",
    "steps": "epochs",
    "budget": "steps",
    "vocab": "init_from",
    "resume": "vocab",
    "seed": "resume",
    "head_size": "tied",
    "cluster_edges": "head_size",
}


@with_options(RunRequest, *SETTINGS, behind=_BEHIND)
def train(
    *,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run whose state lies beside --out.")
    ] = False,
    sweep: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.toml", help="The runs that a file asks for: see docs/sweeps.md."
        ),
    ] = None,
    json: JsonOption = False,
    list_corpora: Annotated[
        bool, typer.Option("--list-corpora", help="Show the named corpora and which are at hand.")
    ] = False,
    **given: Any,
) -> None:
    """Train a model on a text.

    Without options: on the prose of the Python language reference, for a minute or two.
    """
    if list_corpora:
        from rnnlm_cli.cli.showing.corpora import show_corpora

        show_corpora(as_json=json)
    elif sweep is not None:
        from rnnlm_cli.cli.train_sweep import sweep_session

        sweep_session(sweep, as_json=json)
    elif resume:
        _go_on(given, as_json=json)
    else:
        _begin(given, as_json=json)


def _go_on(given: dict[str, Any], *, as_json: bool) -> None:
    from rnnlm_cli.cli.train_session import resume_session

    with bad_usage():
        check_given(given, RunRequest, *SETTINGS)
    resume_session(given.pop("out"), given, as_json=as_json)


def _begin(given: dict[str, Any], *, as_json: bool) -> None:
    from rnnlm_cli.cli.train_session import train_session
    from rnnlm_cli.runs import requested

    with bad_usage():
        _check_are_texts(given.get("corpus") or ())
        new = requested(given)
    train_session(new, as_json=as_json)


def _check_are_texts(corpora: Sequence[str]) -> None:
    """Raises ConfigError for one that is named as models are."""
    for corpus in corpora:
        if corpus.endswith(".pkl"):
            others = [other for other in corpora if other != corpus]
            meant = arguments_for([corpus], "train", others)
            raise ConfigError(f"{quoted(corpus)} is a model, but a text was needed: {meant}")
