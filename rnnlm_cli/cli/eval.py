"""`rnnlm eval`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from rnnlm_cli.cli.options import (
    CorpusOption,
    EncodingOption,
    JsonOption,
    ThreadsOption,
    bad_usage,
    with_options,
)
from rnnlm_cli.cli.trick_options import AllOption, trick_config
from rnnlm_cli.settings.run import DEFAULT_CHECKPOINT
from rnnlm_cli.settings.text import GivenWords, Split
from rnnlm_cli.settings.train import Protocol
from rnnlm_cli.settings.tricks import TrickConfig


@with_options(GivenWords, TrickConfig)
def eval_(
    checkpoints: Annotated[
        list[Path] | None,
        typer.Argument(
            help=f"Model files, side by side in one table. Default: {DEFAULT_CHECKPOINT}.",
            metavar="[CHECKPOINT]...",
            show_default=False,
        ),
    ] = None,
    corpus: CorpusOption = None,
    file: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE|-",
            help="Score this text; - is standard input, a folder all its .txt files as one. May be "
            "repeated: side by side.",
        ),
    ] = None,
    text: Annotated[
        list[str] | None,
        typer.Option(metavar="WORDS", help="Score these words. May be repeated: lines of a text."),
    ] = None,
    encoding: EncodingOption = None,
    split: Annotated[
        Split | None, typer.Option(help="Which part of the corpus. Default: test.")
    ] = None,
    protocol: Annotated[
        Protocol,
        typer.Option(
            help="stream: one pass, every token once; parallel: 20 streams; book: as the book does."
        ),
    ] = "stream",
    eos: Annotated[
        bool,
        typer.Option(
            "--eos/--no-eos", help="Whether line ends are counted; they always are context."
        ),
    ] = True,
    *,
    all_tricks: AllOption = False,
    threads: ThreadsOption = None,
    json: JsonOption = False,
    **values: Any,
) -> None:
    """Perplexity of a text under a model: of its corpus's test split, or of any text."""
    from rnnlm_cli.checkpoint.texts import check_split
    from rnnlm_cli.cli.eval_rows import evaluated
    from rnnlm_cli.cli.opening import Opening, named_corpus
    from rnnlm_cli.cli.showing.evaluations import show_evaluations
    from rnnlm_cli.cli.showing.render import print_json, say_notes
    from rnnlm_cli.corpus.given_text import given_texts

    vocab = values.pop("vocab", None)
    with bad_usage():
        tricks = trick_config(values, all_tricks, protocol)
        named = named_corpus(corpus, encoding, has_file=bool(file))
        say_notes(named.notes if named else [])
        givens = given_texts(text or [], file or [], encoding)  # once: stdin cannot be read again
        check_split(givens[0], split)
    paths = checkpoints or [DEFAULT_CHECKPOINT]
    opening = Opening(
        verb="eval", named=named, vocab=vocab, threads=threads, scores_corpus=givens == [None]
    )
    models = zip(paths, opening.models(paths), strict=True)
    compared = len(paths) > 1
    rows = list(evaluated(models, givens, split, protocol, tricks, eos=eos, compared=compared))
    if json:
        print_json(rows[0] if len(rows) == 1 else rows)
    else:
        show_evaluations(rows)
