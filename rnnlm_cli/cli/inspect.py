"""`rnnlm inspect`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rnnlm_cli.cli.options import (
    CheckpointArgument,
    CorpusOption,
    EncodingOption,
    JsonOption,
    bad_usage,
    with_options,
)
from rnnlm_cli.settings.run import DEFAULT_CHECKPOINT
from rnnlm_cli.settings.setting import MOST
from rnnlm_cli.settings.text import GivenWords

if TYPE_CHECKING:
    from rnnlm_cli.checkpoint.opened import Opened
    from rnnlm_cli.cli.inspect_asked import AskedFigures, AskedReport
    from rnnlm_cli.cli.opening import Opening


@with_options(GivenWords)
def inspect(
    checkpoint: CheckpointArgument = DEFAULT_CHECKPOINT,
    nearest: Annotated[
        list[str] | None,
        typer.Option(metavar="WORD", help="The words most like this one. May be repeated."),
    ] = None,
    count: Annotated[int, typer.Option(help="How many of them.", min=1, max=MOST)] = 10,
    html: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write a report: one page, which opens in a browser without a net."
        ),
    ] = None,
    text: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WORDS",
            help="What the model reads: its gates and cells over these words, or in the picture or "
            "the report. May be repeated: a line each.",
        ),
    ] = None,
    unit: Annotated[
        list[int] | None,
        typer.Option(
            metavar="N",
            help="A unit to show over the text, from 1 on. May be repeated. Default: those that "
            "move most.",
            min=1,
            max=MOST,
        ),
    ] = None,
    lstm: Annotated[
        int | None,
        typer.Option(help="Of which LSTM, from 1 on. Default: the last.", min=1, max=MOST),
    ] = None,
    units: Annotated[
        bool, typer.Option("--units", help="Units that react to something in the validation split.")
    ] = False,
    analogy: Annotated[
        list[str] | None,
        typer.Option(metavar="'A B C'", help="Words D for which A : B = C : D. May be repeated."),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.png|.svg|.pdf",
            help="Draw learning curves and a map of words, or with --text its surprisal and gates.",
        ),
    ] = None,
    beside: Annotated[
        Path | None,
        typer.Option(metavar="CHECKPOINT", help="Another model, which reads the same there."),
    ] = None,
    corpus: CorpusOption = None,
    encoding: EncodingOption = None,
    *,
    json: JsonOption = False,
    **given: Any,
) -> None:
    """Look inside a model: sizes, text, history, and which words it takes to be alike."""
    from rnnlm_cli.cli import inspect_asked, inspect_looking
    from rnnlm_cli.cli.opening import Opening, named_corpus

    typed = {
        "html": html,
        "plot": plot,
        "text": text,
        "units": units,
        "unit": unit,
        "lstm": lstm,
        "beside": beside,
        "nearest": nearest,
        "analogy": analogy,
        "json": json,
    }
    with bad_usage():
        asked = inspect_asked.asked_of(
            {name: value for name, value in typed.items() if value}, count
        )
        named = named_corpus(corpus, encoding)
        opening = Opening(
            verb="inspect",
            named=named,
            out=html or plot,
            reads=[beside] if beside else [],
            **given,
        )
    lm = opening.model(checkpoint, noted=bool(given) or inspect_asked.needs_words(asked))
    match asked:
        case inspect_asked.AskedReport():
            _write_report(lm, asked, opening)
        case inspect_asked.AskedPicture():
            inspect_looking.draw(lm, asked)
        case inspect_asked.AskedStrips():
            inspect_looking.look_at_text(lm, asked)
        case inspect_asked.AskedUnits():
            inspect_looking.look_for_units(lm, as_json=asked.json)
        case inspect_asked.AskedFigures():
            _show_figures(lm, checkpoint, asked)


def _write_report(lm: Opened, asked: AskedReport, opening: Opening) -> None:
    from rnnlm_cli.cli.report.gathering import gather
    from rnnlm_cli.cli.report.page import check_page, write_page
    from rnnlm_cli.cli.showing import render
    from rnnlm_cli.cli.showing.bars import bar

    check_page()
    beside = asked.beside
    other = None if beside is None else opening.model(beside, noted=False)
    report = gather(lm, asked.texts, other, bar)
    size = write_page(report, asked.path)
    for note in report.card.notes:
        render.say_note(note)
    render.say_note(f"{asked.path}: a report, {size:,} bytes")


def _show_figures(lm: Opened, path: Path, asked: AskedFigures) -> None:
    from rnnlm_cli.cli.showing import inspection, render
    from rnnlm_cli.cli.showing.documents import inspection_document
    from rnnlm_cli.scoring.inspection import parameter_table

    count = asked.count
    neighbours = {word: lm.nearest(word, count, "nearest") for word in asked.nearest}
    neighbours |= {
        f"{a} : {b} = {c} : ?": lm.analogy(a, b, c, count) for a, b, c in asked.analogies
    }
    if asked.json:
        rows = parameter_table(lm.model)
        render.print_json(inspection_document(path, lm.checkpoint, rows, neighbours))
    elif neighbours:
        inspection.show_neighbours(neighbours)
    else:
        inspection.show_model(path, lm.checkpoint, parameter_table(lm.model))
