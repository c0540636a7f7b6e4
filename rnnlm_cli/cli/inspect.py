"""`rnnlm inspect`."""

from __future__ import annotations

from dataclasses import dataclass
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
    from rnnlm_cli.cli.opening import open_model
    from rnnlm_cli.cli.showing import render
    from rnnlm_cli.cli.showing.documents import inspection_document
    from rnnlm_cli.scoring.inspection import parameter_table

    with bad_usage():
        named = named_corpus(corpus, encoding)
        _check_report(html, beside)
        asked = _Look("\n".join(text or ()), unit or [], lstm, units, plot)
        asked.check(reports=html is not None)
        wanted = [_three(each) for each in analogy or []]
    lm = open_model("inspect", checkpoint, named, **given)
    if nearest or given or html or asked.looks or wanted:
        render.say_notes(lm.texts.notes)
    if html is not None:
        _write_report(lm, html, text or [], beside)
    elif asked.looks:
        asked.look(lm, as_json=json)
        return
    neighbours = {word: lm.nearest(word, count, "nearest") for word in nearest or []}
    neighbours |= {f"{a} : {b} = {c} : ?": lm.analogy(a, b, c, count) for a, b, c in wanted}
    if json:
        rows = parameter_table(lm.model)
        render.print_json(inspection_document(checkpoint, lm.checkpoint, rows, neighbours))
    elif neighbours:
        _show_neighbours(neighbours)
    elif html is None:
        _show_model(checkpoint, lm.checkpoint, parameter_table(lm.model))


@dataclass(frozen=True, slots=True)
class _Look:
    """What is to be shown of a model that reads, on the terminal or in a picture."""

    text: str
    chosen: list[int]
    lstm: int | None
    units: bool
    plot: Path | None

    @property
    def looks(self) -> bool:
        """Whether there is anything."""
        return bool(self.text or self.units or self.plot is not None)

    def check(self, *, reports: bool) -> None:
        """Raises ConfigError for what does not go together, MissingExtra without matplotlib."""
        if reports and (self.plot is not None or self.units):
            option = "--plot" if self.plot is not None else "--units"
            raise ConfigError(f"{option} goes without --html: leave one of them out")
        if self.units and (self.text or self.plot is not None):
            raise ConfigError("--units reads the validation split: leave it, or the others out")
        if (self.chosen or self.lstm is not None) and (reports or not self.text):
            option = "--unit" if self.chosen else "--lstm"
            raise ConfigError(f"{option} is of what --text shows: give that, or leave it out")
        if self.plot is not None:
            from rnnlm_cli.cli.pictures import check_plot

            check_plot(self.plot)

    def look(self, lm: Opened, *, as_json: bool) -> None:
        """Show it."""
        from rnnlm_cli.cli import looking

        shown = looking.Shown(self.chosen, self.lstm)
        if self.plot is not None and self.text:
            looking.draw_text(lm, self.plot, self.text, shown)
        elif self.plot is not None:
            looking.draw_model(lm, self.plot)
        elif self.text:
            looking.look_at_text(lm, self.text, shown, as_json=as_json)
        else:
            looking.look_for_units(lm, as_json=as_json)


def _three(analogy: str) -> tuple[str, str, str]:
    """Its three words. Raises ConfigError."""
    words = analogy.split()
    if len(words) != 3:
        raise ConfigError(f"analogy is {quoted(analogy)}, but must be three words, as 'a b c'")
    return words[0], words[1], words[2]


def _check_report(html: Path | None, beside: Path | None) -> None:
    """Raises ConfigError for what a report alone has, and for a file that is to be none."""
    if html is None and beside:
        raise ConfigError("--beside is of a report, but none is asked for: give --html FILE too")
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
    from rnnlm_cli.cli.showing.tokens import visible

    for word, found in neighbours.items():
        shown = render.table(word, "cosine")
        for other, cosine in found:
            render.add_row(shown, visible(other), f"{cosine:.3f}")
        render.show_table(shown)


def _show_model(path: Path, loaded: Checkpoint, rows: list[ParameterRow]) -> None:
    from rnnlm_cli.cli.showing import epochs, figure_cells, models, render

    pairs = models.model_pairs(loaded.sizes)
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
    if loaded.resume is None or not loaded.resume.state.counters.amid_epoch:
        return []
    count = loaded.resume.state.counters
    return [("saved", f"in epoch {count.epoch}, after {count.step_in_epoch:,} steps of it")]
