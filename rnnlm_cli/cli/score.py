"""`rnnlm score`."""

from __future__ import annotations

from itertools import chain
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
from rnnlm_cli.cli.trick_options import AllOption
from rnnlm_cli.settings.run import DEFAULT_CHECKPOINT
from rnnlm_cli.settings.score import ScoreConfig
from rnnlm_cli.settings.table import TableConfig
from rnnlm_cli.settings.text import GivenWords
from rnnlm_cli.settings.tricks import TrickConfig

_JUDGED = "Pairs and suites"


@with_options(GivenWords, ScoreConfig, TableConfig, TrickConfig, behind={"table": "punctuation"})
def score(
    checkpoints: Annotated[
        list[Path] | None,
        typer.Argument(
            help=f"The model file, or two to set side by side. Default: {DEFAULT_CHECKPOINT}.",
            metavar="[CHECKPOINT]...",
            show_default=False,
        ),
    ] = None,
    text: Annotated[
        list[str] | None,
        typer.Option(metavar="WORDS", help="Score these words. May be repeated: a line each."),
    ] = None,
    file: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE|-", help="Score this text; - is standard input. May be repeated."
        ),
    ] = None,
    encoding: EncodingOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write there, not to stdout.")
    ] = None,
    *,
    heat: Annotated[
        bool, typer.Option("--heat", help="Show the text coloured by surprisal.")
    ] = False,
    bars: Annotated[bool, typer.Option("--bars", help="Show a bar beside each token.")] = False,
    corpus: CorpusOption = None,
    table: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|-",
            help="Score this table, CSV or TSV: the same rows, more columns.",
            rich_help_panel="Tables",
        ),
    ] = None,
    pairs: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            help="Judge these minimal pairs: TSV, JSON lines, a folder of such. May be repeated.",
            rich_help_panel=_JUDGED,
        ),
    ] = None,
    suite: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            help="Judge by this suite of SyntaxGym, or a folder of such. May be repeated.",
            rich_help_panel=_JUDGED,
        ),
    ] = None,
    all_tricks: AllOption = False,
    threads: ThreadsOption = None,
    json: JsonOption = False,
    **values: Any,
) -> None:
    """How well a model predicts each token, word or line of a text, a table, or pairs of sentences.

    TSV on stdout: surprisals in bits, log probabilities in nats, every float in full.
    """
    from rnnlm_cli.cli.opening import Opening, check_are_models, named_corpus
    from rnnlm_cli.cli.score_answers import answer
    from rnnlm_cli.cli.score_asked import asked_of
    from rnnlm_cli.corpus.given_text import given_lines

    vocab = values.pop("vocab", None)
    with bad_usage():
        shown = {"heat": heat, "bars": bars, "all_tricks": all_tricks, "json": json, "out": out}
        given = values | {name: value for name, value in shown.items() if value}
        named = named_corpus(corpus, encoding, has_file=bool(file))
        words = given_lines(text or [], file or [], encoding)
        paths = checkpoints or [DEFAULT_CHECKPOINT]
        if not any((words, table, pairs, suite)):
            check_are_models("score", paths)  # a text in their place
        asked = asked_of(
            {"text": words, "table": table, "pairs": pairs, "suite": suite},
            len(paths),
            given,
        )
        texts = chain.from_iterable(each.files for each in words)
        opening = Opening(
            verb="score",
            named=named,
            vocab=vocab,
            threads=threads,
            out=out,
            reads=[*texts] if table is None else [table, *texts],
        )
    answer(list(opening.models(paths)), asked)
