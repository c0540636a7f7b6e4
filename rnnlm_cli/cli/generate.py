"""`rnnlm generate`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from rnnlm_cli.cli.options import (
    CheckpointArgument,
    CorpusOption,
    EncodingOption,
    JsonOption,
    ThreadsOption,
    bad_usage,
    with_options,
)
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.run import DEFAULT_CHECKPOINT
from rnnlm_cli.settings.sample import BEAM, SampleConfig, ToldConfig
from rnnlm_cli.settings.setting import config_of, declared
from rnnlm_cli.settings.spelling import option_name
from rnnlm_cli.settings.text import GivenWords

# What is of no use where a person decides how the text goes on.
_TO_THE_END = {
    name: each
    for name, each in (declared(SampleConfig) | declared(ToldConfig)).items()
    if not each.setting.steers and name != "seed"
}
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
    interactive: Annotated[
        bool, typer.Option("--interactive", help="Write together with the model, word by word.")
    ] = False,
    corpus: CorpusOption = None,
    encoding: EncodingOption = None,
    threads: ThreadsOption = None,
    json: JsonOption = False,
    **given: Any,
) -> None:
    """Write a text, word by word, with a model."""
    from rnnlm_cli.cli.opening import Opening, named_corpus
    from rnnlm_cli.cli.showing.bars import bar
    from rnnlm_cli.cli.showing.writing import write_drawn, write_pieces
    from rnnlm_cli.corpus.given_text import GivenText
    from rnnlm_cli.tasks.drawing import Wanted, check_required

    if interactive:
        _check_interactive(given, file, require=bool(require), json=json)
    vocab = given.pop("vocab", None)
    with bad_usage():
        config, told = config_of(SampleConfig, given), config_of(ToldConfig, given)
        named = named_corpus(corpus, encoding, has_file=file is not None)
        wanted = Wanted(skip or [], unk, require or [])
        check_required(config, wanted.require)
        begun = GivenText.read(start or None, file, encoding)
    start = begun.text if begun else ""
    opening = Opening(verb="generate", named=named, vocab=vocab, threads=threads)
    lm = opening.model(checkpoint)
    if interactive:
        from rnnlm_cli.cli.generate_steering import steer

        steer(lm.steer(start, config, wanted))
        return
    drawing = lm.draw(start, config, wanted)
    if told.tells:
        write_drawn(lm.draw_whole(drawing, told, bar), config, start, as_json=json)
    else:
        write_pieces(drawing.pieces(), config, start, as_json=json)


def _check_interactive(
    given: Mapping[str, object], file: str | None, *, require: bool, json: bool
) -> None:
    """Bad usage is what contradicts a person who writes with the model."""
    named = {
        option_name(name): given.get(name, each.default) != each.default
        for name, each in _TO_THE_END.items()
    }
    named |= {"require": require, "json": json}
    with bad_usage():
        if useless := [name for name, is_given in named.items() if is_given]:
            raise ConfigError(
                f"--{useless[0]} is of texts that are drawn to their end, but --interactive leaves "
                "that to you: leave one of them out"
            )
        if file == "-":
            raise ConfigError(
                "--interactive reads what you type from standard input, so the beginning cannot be "
                "there too: give it with --start, or a --file"
            )
