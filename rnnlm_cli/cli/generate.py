"""`rnnlm generate`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from rnnlm_cli.cli.options import (
    CheckpointArgument,
    CorpusOption,
    EncodingOption,
    JsonOption,
    ThreadsOption,
    bad_usage,
    named_corpus,
    with_options,
)
from rnnlm_cli.settings.run import DEFAULT_CHECKPOINT
from rnnlm_cli.settings.sample import SampleConfig
from rnnlm_cli.settings.text import GivenWords


@with_options(GivenWords, SampleConfig, behind={"skip": "top_p", "unk": "skip"})
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
    encoding: EncodingOption = None,
    threads: ThreadsOption = None,
    json: JsonOption = False,
    **given: Any,
) -> None:
    """Write a text, word by word, with a model."""
    from rnnlm_cli.cli.opening import open_model
    from rnnlm_cli.cli.showing.render import say_notes
    from rnnlm_cli.cli.showing.writing import write_document, write_samples, write_text

    vocab = given.pop("vocab", None)
    with bad_usage():
        config, named = SampleConfig(**given), named_corpus(corpus, encoding)
    lm = open_model("generate", checkpoint, named, threads=threads, vocab=vocab)
    say_notes(lm.texts.notes)
    pieces = lm.draw(start, config, skip=skip or [], unk=unk)
    if json:
        write_document(pieces, start=start, seed=config.seed)
    elif config.samples > 1:
        write_samples(pieces)
    else:
        write_text(pieces)
