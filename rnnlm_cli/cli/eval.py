"""`rnnlm eval`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from rnnlm_cli.cli.options import (
    CorpusOption,
    JsonOption,
    ThreadsOption,
    usage,
    with_options,
)
from rnnlm_cli.cli.tricks import AllOption, trick_config
from rnnlm_cli.settings.run import DEFAULT_CHECKPOINT
from rnnlm_cli.settings.text import Split
from rnnlm_cli.settings.train import Protocol
from rnnlm_cli.settings.tricks import TrickConfig


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
        str | None, typer.Option(metavar="FILE|-", help="Score this text; - is standard input.")
    ] = None,
    text: Annotated[str | None, typer.Option(metavar="WORDS", help="Score these words.")] = None,
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
    from rnnlm_cli.cli.showing.bars import bar
    from rnnlm_cli.cli.showing.documents import adapted_document, evaluation_document
    from rnnlm_cli.cli.showing.evaluations import show_evaluations
    from rnnlm_cli.cli.showing.render import print_json, say_note, say_notes
    from rnnlm_cli.corpus.reading import GivenText
    from rnnlm_cli.corpus.source import Shelf
    from rnnlm_cli.trained import Trained

    with usage():
        tricks = trick_config(values, all_tricks, protocol)
    given = GivenText.read(text, file)  # once: standard input cannot be read again
    paths, rows = checkpoints or [DEFAULT_CHECKPOINT], []
    shelf = Shelf(keep=len(paths) > 1, progress=sys.stderr.isatty())
    for path in paths:
        lm = Trained.load(path, corpus, threads, shelf=shelf)
        scored = lm.text_to_score(given, split)
        say_notes(lm.notes)
        if not tricks.asked:
            lm.forget_texts()  # the model comes in their place
        with bar("", len(scored.ids)) as progress:
            result = lm.score(scored, protocol, progress)
        row = evaluation_document(path, scored.name, scored.split, result)
        if tricks.asked:
            adapted = lm.score_with_tricks(scored, tricks, say=say_note, stages=bar)
            row["adapted"] = [adapted_document(each) for each in adapted]
        rows.append(row)
    if json:
        print_json(rows[0] if len(rows) == 1 else rows)
    else:
        show_evaluations(rows)
