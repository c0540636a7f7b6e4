"""`rnnlm eval`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rnnlm_cli.cli.meant import for_a_model
from rnnlm_cli.cli.options import (
    CorpusOption,
    EncodingOption,
    JsonOption,
    ThreadsOption,
    named_corpus,
    usage,
    with_options,
)
from rnnlm_cli.cli.tricks import AllOption, trick_config
from rnnlm_cli.settings.run import DEFAULT_CHECKPOINT
from rnnlm_cli.settings.text import Split
from rnnlm_cli.settings.train import Protocol
from rnnlm_cli.settings.tricks import TrickConfig

if TYPE_CHECKING:
    from rnnlm_cli.trained import ScoredText, Trained


@with_options(TrickConfig)
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
    *,
    all_tricks: AllOption = False,
    threads: ThreadsOption = None,
    json: JsonOption = False,
    **values: Any,
) -> None:
    """Perplexity of a text under a model: of its corpus's test split, or of any text."""
    from rnnlm_cli.cli.showing.evaluations import show_evaluations
    from rnnlm_cli.cli.showing.render import print_json
    from rnnlm_cli.corpus.given import given_texts
    from rnnlm_cli.corpus.source import Shelf
    from rnnlm_cli.trained import Trained

    with usage():
        tricks = trick_config(values, all_tricks, protocol)
        named = named_corpus(corpus, encoding)
    givens = given_texts(text or [], file or [], encoding)  # once: stdin cannot be read again
    paths, rows = checkpoints or [DEFAULT_CHECKPOINT], []
    shelf = Shelf(keep=len(paths) > 1, progress=sys.stderr.isatty())
    for path in paths:
        with for_a_model(path, "eval", paths):
            lm = Trained.load(path, named, threads, shelf=shelf)
        rows += [_row(lm, path, lm.text_to_score(each, split), protocol, tricks) for each in givens]
    if json:
        print_json(rows[0] if len(rows) == 1 else rows)
    else:
        show_evaluations(rows)


def _row(
    lm: Trained, path: Path, scored: ScoredText, protocol: Protocol, tricks: TrickConfig
) -> dict[str, Any]:
    """The document of a model and a text."""
    from rnnlm_cli.cli.showing.bars import bar
    from rnnlm_cli.cli.showing.documents import adapted_document, evaluation_document
    from rnnlm_cli.cli.showing.render import say_note

    if not tricks.asked:
        lm.forget_texts()  # the model comes in their place
    with bar("", len(scored.ids)) as progress:
        result = lm.score(scored, protocol, progress)
    row = evaluation_document(path, scored.name, scored.split, result)
    if tricks.asked:
        adapted = lm.score_with_tricks(scored, tricks, say=say_note, stages=bar)
        row["adapted"] = [adapted_document(each) for each in adapted]
    return row
