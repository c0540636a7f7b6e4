"""`rnnlm eval`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rnnlm_cli.cli.options import (
    CorpusOption,
    JsonOption,
    ThreadsOption,
    usage,
    with_options,
)
from rnnlm_cli.cli.tricks import AllOption, trick_config
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.run import DEFAULT_CHECKPOINT
from rnnlm_cli.settings.text import GivenWords, Split
from rnnlm_cli.settings.train import Protocol
from rnnlm_cli.settings.tricks import TrickConfig

if TYPE_CHECKING:
    from rnnlm_cli.scoring.difference import Lines


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
    from rnnlm_cli.checkpoint.own_text import TO_TUNE
    from rnnlm_cli.cli.showing.bars import bar
    from rnnlm_cli.cli.showing.documents import adapted_document, evaluation_document
    from rnnlm_cli.cli.showing.evaluations import show_evaluations
    from rnnlm_cli.cli.showing.figures import unknown_warning
    from rnnlm_cli.cli.showing.render import print_json, say_note, say_notes, say_warning
    from rnnlm_cli.corpus.reading import GivenText
    from rnnlm_cli.corpus.source import Shelf
    from rnnlm_cli.scoring.difference import Lines
    from rnnlm_cli.tasks.tricks import score_with_tricks
    from rnnlm_cli.trained import Trained

    vocab = values.pop("vocab", None)
    with usage():
        tricks = trick_config(values, all_tricks, protocol)
    given = GivenText.read(text, file)  # once: standard input cannot be read again
    paths, rows, first = checkpoints or [DEFAULT_CHECKPOINT], list[dict[str, Any]](), None
    shelf = Shelf(keep=len(paths) > 1, progress=sys.stderr.isatty())
    for path in paths:
        lm = Trained.load(path, corpus, threads, vocab=vocab, shelf=shelf)
        scored = lm.texts.to_score(given, split)
        say_notes(lm.texts.notes)
        if not tricks.asked:
            lm.texts.forget()  # the model comes in their place
        with bar("", len(scored.ids)) as progress:
            result = lm.evaluate_text(scored, protocol, progress, eos=eos)
        row = evaluation_document(path, lm.words, scored, result)
        of, cut = f"that {path} scored", lm.words.cut
        if warning := unknown_warning(result.unknown_share, of, lm.words.tokenizer, cut):
            say_warning(warning)
        if tricks.asked:
            adapted = score_with_tricks(
                lm.scorer,
                lm.texts.trained_on(TO_TUNE),
                scored.text,
                tricks,
                say=say_note,
                stages=bar,
                eos=eos,
            )
            row["adapted"] = [adapted_document(each) for each in adapted]
        if len(paths) > 1:
            lines = Lines.of((scored.sha256, scored.split), result)
            first = first or (path, lines)
            if rows:
                row["difference"] = _difference(first, (path, lines))
        rows.append(row)
    if json:
        print_json(rows[0] if len(rows) == 1 else rows)
    else:
        show_evaluations(rows)


def _difference(first: tuple[Path, Lines], other: tuple[Path, Lines]) -> dict[str, Any] | None:
    """How a model does beside the first one; None, and a note that says why, if nobody can say."""
    from rnnlm_cli.cli.showing.documents import difference_document
    from rnnlm_cli.cli.showing.render import say_note
    from rnnlm_cli.scoring.difference import compare_models

    try:
        return difference_document(first[0], compare_models(first[1], other[1]))
    except ConfigError as error:
        say_note(f"{other[0]} is not compared with {first[0]} line by line: {error}")
        return None
