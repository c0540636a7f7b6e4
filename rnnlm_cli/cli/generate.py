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
from rnnlm_cli.settings.sample import BEAM, SampleConfig, ToldConfig
from rnnlm_cli.settings.setting import config_of
from rnnlm_cli.settings.text import GivenWords

_BEHIND = {"skip": "no_repeat_ngram", "unk": "skip", "require": "beam"}


@with_options(GivenWords, SampleConfig, ToldConfig, behind=_BEHIND)
def generate(
    checkpoint: CheckpointArgument = DEFAULT_CHECKPOINT,
    start: Annotated[
        str, typer.Option(metavar="WORDS", help="The beginning. Default: the start of a line.")
    ] = "",
    file: Annotated[
        str | None,
        typer.Option(metavar="FILE|-", help="The beginning is in this file, or standard input."),
    ] = None,
    *,
    skip: Annotated[
        list[str] | None,
        typer.Option(metavar="WORD", help="Never draw this word. May be repeated."),
    ] = None,
    unk: Annotated[bool, typer.Option("--unk/--no-unk", help="Whether to draw <unk>.")] = False,
    require: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WORDS",
            help="Only texts with these words in a row. May be repeated.",
            rich_help_panel=BEAM,
        ),
    ] = None,
    corpus: CorpusOption = None,
    encoding: EncodingOption = None,
    threads: ThreadsOption = None,
    json: JsonOption = False,
    **given: Any,
) -> None:
    """Write a text, word by word, with a model."""
    from rnnlm_cli.cli.opening import open_model
    from rnnlm_cli.cli.showing.bars import bar
    from rnnlm_cli.cli.showing.render import say_notes
    from rnnlm_cli.cli.showing.writing import write_drawn, write_pieces
    from rnnlm_cli.corpus.given_text import GivenText
    from rnnlm_cli.tasks.drawing import Wanted, check_required

    vocab = given.pop("vocab", None)
    with bad_usage():
        config, told = config_of(SampleConfig, given), config_of(ToldConfig, given)
        named, wanted = named_corpus(corpus, encoding), Wanted(skip or [], unk, require or [])
        check_required(config, wanted.require)
        begun = GivenText.read(start or None, file, encoding)
    start = begun.text if begun else ""
    lm = open_model("generate", checkpoint, named, threads=threads, vocab=vocab)
    say_notes(lm.texts.notes)
    drawing = lm.draw(start, config, wanted)
    if told.tells:
        write_drawn(lm.draw_whole(drawing, told, bar), config, start, as_json=json)
    else:
        write_pieces(drawing.pieces(), config, start, as_json=json)
