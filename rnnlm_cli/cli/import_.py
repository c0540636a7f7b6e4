"""`rnnlm import`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from rnnlm_cli.cli.options import JsonOption, OverwriteOption, bad_usage, with_options
from rnnlm_cli.errors import CheckpointError, quoted
from rnnlm_cli.settings.text import GivenWords


@with_options(GivenWords)
def import_(
    file: Annotated[
        Path,
        typer.Argument(
            help="NAME.safetensors, as of the word language model of pytorch/examples.",
            metavar="FILE",
        ),
    ],
    out: Annotated[Path, typer.Argument(help="The model file to write.", metavar="OUT.pkl")],
    *,
    overwrite: OverwriteOption = False,
    json: JsonOption = False,
    **given: Any,
) -> None:
    """Make a model of an LSTM that was trained in torch, with its words (--vocab)."""
    from rnnlm_cli.checkpoint.checkpoint import save_checkpoint
    from rnnlm_cli.checkpoint.exchange.exporting import check_free
    from rnnlm_cli.cli.opening import Opening
    from rnnlm_cli.cli.showing.documents import import_document
    from rnnlm_cli.cli.showing.models import model_pairs
    from rnnlm_cli.cli.showing.render import print_json, show_pairs
    from rnnlm_cli.settings.run import RunFrame
    from rnnlm_cli.settings.setting import check_given

    with bad_usage():
        check_given({"out": out}, RunFrame)
        opening = Opening(verb="import", out=out, reads=[file], **given)
    check_free(out, overwrite=overwrite)
    lm = opening.model(file)
    if lm.checkpoint.is_own:
        raise CheckpointError(
            f"{quoted(file)} is a model of rnnlm's own, and needs no import: copy it, or make a "
            "file for others of it with rnnlm export"
        )
    if lm.checkpoint.text is None:
        raise CheckpointError(
            f"{quoted(file)} holds no words: give a file of them, one a line in the order of their "
            "ids (--vocab words.txt)"
        )
    save_checkpoint(out, lm.checkpoint)
    if json:
        print_json(import_document(file, out, lm.checkpoint))
        return
    show_pairs(model_pairs(lm.checkpoint.sizes), title=str(out))
