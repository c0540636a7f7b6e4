"""`rnnlm generate`."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from rnnlm_cli.cli.options import (
    CHECKPOINT,
    CheckpointArgument,
    CorpusOption,
    JsonOption,
    ThreadsOption,
    usage,
    with_options,
)
from rnnlm_cli.settings.sample import SampleConfig


@with_options(SampleConfig, behind={"skip": "top_p", "unk": "skip"})
def generate(
    checkpoint: CheckpointArgument = CHECKPOINT,
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
    from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
    from rnnlm_cli.cli.showing.writing import write_samples
    from rnnlm_cli.corpus.record import banned_ids, start_ids
    from rnnlm_cli.model.footprint import check_sampling
    from rnnlm_cli.trained import words_of

    with usage():
        config = SampleConfig(**given)
    loaded = load_checkpoint(checkpoint)
    check_sampling(loaded.vocab_size, config, loaded.model)
    record = words_of(loaded, checkpoint, corpus, progress=sys.stderr.isatty())
    write_samples(
        loaded.build_model(threads),
        record,
        start=start,
        start_ids=start_ids(record, start),
        banned=banned_ids(record, skip or [], unk=unk),
        config=config,
        as_json=json,
    )
