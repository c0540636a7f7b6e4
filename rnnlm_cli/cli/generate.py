"""`rnnlm generate`."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from rnnlm_cli.cli.options import (
    CheckpointArgument,
    CorpusOption,
    JsonOption,
    ThreadsOption,
    usage,
    with_options,
)
from rnnlm_cli.settings.run import DEFAULT_CHECKPOINT
from rnnlm_cli.settings.sample import SampleConfig


@with_options(SampleConfig, behind={"skip": "top_p", "unk": "skip"})
def generate(
    checkpoint: CheckpointArgument = DEFAULT_CHECKPOINT,
    start: Annotated[
        str, typer.Option(metavar="WORDS", help="The beginning. Default: the start of a line.")
    ] = "",
    *,
    skip: Annotated[
        list[str] | None,
        typer.Option(metavar="WORD", help="Never draw this word. May be repeated."),
    ] = None,
    unk: Annotated[bool, typer.Option("--unk/--no-unk", help="Whether to draw <unk>.")] = False,
    corpus: CorpusOption = None,
    threads: ThreadsOption = None,
    json: JsonOption = False,
    **given: Any,
) -> None:
    """Write a text, word by word, with a model."""
    from rnnlm_cli.cli.showing.render import say_notes
    from rnnlm_cli.cli.showing.writing import write_document, write_samples, write_text
    from rnnlm_cli.trained import Trained

    with usage():
        config = SampleConfig(**given)
    lm = Trained.load(checkpoint, corpus, threads, progress=sys.stderr.isatty())
    say_notes(lm.notes)
    pieces = lm.generate(start, config, skip=skip or [], unk=unk)
    if json:
        write_document(pieces, start=start, seed=config.seed)
    elif config.samples > 1:
        write_samples(pieces)
    else:
        write_text(pieces)
