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
    from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
    from rnnlm_cli.cli.showing.writing import write_samples
    from rnnlm_cli.corpus.record import banned_ids, start_ids
    from rnnlm_cli.generating.generation import check_sampling
    from rnnlm_cli.threads import give_blas
    from rnnlm_cli.trained import words_of

    with usage():
        config = SampleConfig(**given(ctx, SampleConfig))
    loaded = load_checkpoint(checkpoint)
    check_sampling(loaded.vocab_size, config, loaded.model)
    record = words_of(loaded, checkpoint, corpus, progress=sys.stderr.isatty())
    give_blas(threads)
    write_samples(
        loaded.build_model(threads),
        record,
        start=start,
        start_ids=start_ids(record, start),
        banned=banned_ids(record, skip or [], unk=unk),
        config=config,
        as_json=json,
    )
