"""`rnnlm generate`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from rnnlm_cli.cli.options import (
    CHECKPOINT,
    CheckpointArgument,
    CorpusOption,
    JsonOption,
    ThreadsOption,
    given,
    usage,
)
from rnnlm_cli.settings.sample import SampleConfig

_DEFAULTS = SampleConfig()


def generate(
    ctx: typer.Context,
    checkpoint: CheckpointArgument = CHECKPOINT,
    start: Annotated[
        str, typer.Option(metavar="WORDS", help="The beginning. Default: the start of a line.")
    ] = "",
    length: Annotated[int, typer.Option(help="Tokens to add.")] = _DEFAULTS.length,
    temperature: Annotated[
        float, typer.Option(help="Below 1 safer, above 1 wilder, 0 always the likeliest.")
    ] = _DEFAULTS.temperature,
    top_k: Annotated[int | None, typer.Option(help="Draw from the K likeliest words only.")] = None,
    top_p: Annotated[
        float | None, typer.Option(help="Draw from the likeliest words that hold this mass.")
    ] = None,
    skip: Annotated[
        list[str] | None,
        typer.Option(metavar="WORD", help="Never draw this word. May be repeated."),
    ] = None,
    unk: Annotated[bool, typer.Option("--unk/--no-unk", help="Whether to draw <unk>.")] = False,
    samples: Annotated[int, typer.Option(help="How many texts.")] = _DEFAULTS.samples,
    seed: Annotated[
        int | None, typer.Option(help="Same seed and options, same text. Default: another.")
    ] = None,
    stop_at_eos: Annotated[
        bool, typer.Option("--stop-at-eos", help="End a text with its first line.")
    ] = False,
    corpus: CorpusOption = None,
    threads: ThreadsOption = None,
    json: JsonOption = False,
) -> None:
    """Write a text, word by word, with a model."""
    from rnnlm_cli.cli.showing.writing import write_document, write_samples, write_text
    from rnnlm_cli.trained import Trained

    with usage():
        config = SampleConfig(**given(ctx, SampleConfig))
    lm = Trained.load(checkpoint, corpus, threads, progress=sys.stderr.isatty())
    pieces = lm.generate(start, config, skip=skip or [], unk=unk)
    if json:
        write_document(pieces, start=start, seed=seed)
    elif config.samples > 1:
        write_samples(pieces)
    else:
        write_text(pieces)
