"""`rnnlm eval`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.run import DEFAULT_CHECKPOINT
from rnnlm_cli.settings.text import GivenWords, Split
from rnnlm_cli.settings.train import Protocol
from rnnlm_cli.settings.tricks import TrickConfig

if TYPE_CHECKING:
    from rnnlm_cli.checkpoint.opened import Opened
    from rnnlm_cli.checkpoint.texts import ScoredText
    from rnnlm_cli.scoring.difference import Lines
    from rnnlm_cli.scoring.evaluation import Evaluation
    from rnnlm_cli.tasks.with_tricks import WithTricks


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
    from rnnlm_cli.cli.opening import Opening, named_corpus
    from rnnlm_cli.cli.showing.bars import bar
    from rnnlm_cli.cli.showing.documents import adapted_document
    from rnnlm_cli.cli.showing.evaluations import show_evaluations
    from rnnlm_cli.cli.showing.render import print_json, say_note, say_notes
    from rnnlm_cli.corpus.given_text import given_texts
    from rnnlm_cli.scoring.difference import Lines

    vocab = values.pop("vocab", None)
    with bad_usage():
        tricks = trick_config(values, all_tricks, protocol)
        named = named_corpus(corpus, encoding)
        say_notes(named.notes if named else [])
        givens = given_texts(text or [], file or [], encoding)  # once: stdin cannot be read again
        check_split(givens[0], split)
    paths, rows = checkpoints or [DEFAULT_CHECKPOINT], list[dict[str, Any]]()
    first = dict[int, tuple[Path, Lines]]()  # what the first model made of each text
    opening = Opening(
        verb="eval", named=named, vocab=vocab, threads=threads, scores_corpus=givens == [None]
    )
    for path, lm in zip(paths, opening.models(paths), strict=True):
        helped: WithTricks | None = None  # tuned once for all texts
        for number, given in enumerate(givens):
            scored = lm.texts.to_score(given, split)
            if not tricks.asked:
                lm.texts.forget()  # the model comes in their place
            row, result = _row(lm, path, scored, protocol, eos=eos)
            if tricks.asked:
                helped = helped or lm.with_tricks(tricks, say=say_note, stages=bar)
                row["adapted"] = list(map(adapted_document, helped.score(scored.text, eos=eos)))
            if len(paths) > 1:
                lines = Lines.of((scored.sha256, scored.split), result)
                if number in first:
                    row["difference"] = _difference(first[number], (path, lines))
                first.setdefault(number, (path, lines))
            rows.append(row)
    if json:
        print_json(rows[0] if len(rows) == 1 else rows)
    else:
        show_evaluations(rows)


def _row(
    lm: Opened,
    path: Path,
    scored: ScoredText,
    protocol: Protocol,
    *,
    eos: bool,
) -> tuple[dict[str, Any], Evaluation]:
    """The document of a model and a text, and the surprisals that it tells of."""
    from rnnlm_cli.cli.showing.bars import bar
    from rnnlm_cli.cli.showing.documents import evaluation_document
    from rnnlm_cli.cli.showing.figure_cells import unknown_warning
    from rnnlm_cli.cli.showing.render import say_warning

    with bar("", len(scored.ids)) as progress:
        result = lm.evaluate_text(scored, protocol, progress, eos=eos)
    row = evaluation_document(path, lm.texts.words, scored, result)
    of, cut = f"that {path} scored", lm.texts.words.cut
    if warning := unknown_warning(result.unknown_share, of, lm.texts.words.tokenizer, cut):
        say_warning(warning)
    return row, result


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
