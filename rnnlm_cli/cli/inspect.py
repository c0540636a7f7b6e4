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
    named_corpus,
    with_options,
)
from rnnlm_cli.errors import ConfigError, quoted
from rnnlm_cli.settings.run import DEFAULT_CHECKPOINT
from rnnlm_cli.settings.setting import MOST
from rnnlm_cli.settings.text import GivenWords

if TYPE_CHECKING:
    from rnnlm_cli.checkpoint.contents import Checkpoint
    from rnnlm_cli.checkpoint.opened import Opened
    from rnnlm_cli.cli.showing.documents import Neighbours
    from rnnlm_cli.scoring.inspection import ParameterRow


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
        typer.Option(metavar="WORDS", help="What the report reads. May be repeated: a line each."),
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
    from rnnlm_cli.cli.opening import open_model
    from rnnlm_cli.cli.showing import render
    from rnnlm_cli.cli.showing.documents import inspection_document
    from rnnlm_cli.scoring.inspection import parameter_table

    with bad_usage():
        named = named_corpus(corpus, encoding)
        _check_report(html, text, beside)
    lm = open_model("inspect", checkpoint, named, **given)
    if nearest or given or html:
        render.say_notes(lm.texts.notes)
    if html is not None:
        _write_report(lm, html, text or [], beside)
    loaded, rows = lm.checkpoint, parameter_table(lm.model)
    neighbours = {word: lm.nearest(word, count) for word in nearest or []}
    if json:
        render.print_json(inspection_document(checkpoint, loaded, rows, neighbours))
    elif neighbours:
        _show_neighbours(neighbours)
    elif html is None:
        _show_model(checkpoint, loaded, rows)


def _check_report(html: Path | None, text: list[str] | None, beside: Path | None) -> None:
    """Raises ConfigError for what a report alone has, and for a file that is to be none."""
    if html is None and (text or beside):
        option = "--text" if text else "--beside"
        raise ConfigError(f"{option} is of a report, but none is asked for: give --html FILE too")
    if html is not None and html.suffix not in (".html", ".htm"):
        raise ConfigError(f"html is {quoted(html)}, but must be a file name ending in .html")


def _write_report(lm: Opened, html: Path, texts: list[str], beside: Path | None) -> None:
    from rnnlm_cli.cli.opening import open_model
    from rnnlm_cli.cli.report.gathering import gather
    from rnnlm_cli.cli.report.page import check_page, write_page
    from rnnlm_cli.cli.showing import render
    from rnnlm_cli.cli.showing.bars import bar

    check_page()
    other = None if beside is None else open_model("inspect", beside, lm.texts.named)
    report = gather(lm, texts, other, bar)
    size = write_page(report, html)
    for note in report.card.notes:
        render.say_note(note)
    render.say_note(f"{html}: a report, {size:,} bytes")


def _show_neighbours(neighbours: Neighbours) -> None:
    from rnnlm_cli.cli.showing import render

    for word, found in neighbours.items():
        shown = render.table(word, "cosine")
        for other, cosine in found:
            seen = other.replace(" ", "␣") if other.isspace() else other
            render.add_row(shown, seen, f"{cosine:.3f}")
        render.show_table(shown)


def _show_model(path: Path, loaded: Checkpoint, rows: list[ParameterRow]) -> None:
    from rnnlm_cli.cli.showing import epochs, figure_cells, models, render

    pairs = models.model_pairs(loaded.vocab_size, loaded.model)
    if loaded.text is None:
        pairs.append(("text", "a file of the book: no vocabulary, no history"))
    elif loaded.run is None:
        pairs.append(("text", f"words that were given ({loaded.text.config.unit})"))
    else:
        text, run = loaded.text, loaded.run
        pairs += [
            ("noise", models.dropouts(loaded.model)),
            ("text", f"{text.corpus} ({text.config.unit}), SHA-256 {text.sha256[:12]}…"),
            *([("tokens", figure_cells.sizes_line(text.splits, text.cut))] if text.splits else []),
            ("run", f"{run.id}, preset {run.preset}"),
            *_unfinished(loaded),
            *figure_cells.pairs_of_tests(run),
        ]
    render.show_pairs(pairs, title=str(path))
    models.show_parameters(rows)
    if loaded.history:
        epochs.show_history(loaded.history)


def _unfinished(loaded: Checkpoint) -> list[tuple[str, object]]:
    """Where in an epoch the state of a run was saved, of which its history has no row yet."""
    if loaded.state is None or not loaded.state.counters.amid_epoch:
        return []
    count = loaded.state.counters
    return [("saved", f"in epoch {count.epoch}, after {count.step_in_epoch:,} steps of it")]
