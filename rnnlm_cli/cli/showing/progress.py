"""What a training run shows while it runs: a live bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.text import Text

from rnnlm_cli.cli.showing import render
from rnnlm_cli.cli.showing.bars import WIDEST, LiveLine, columns
from rnnlm_cli.cli.showing.documents import run_document
from rnnlm_cli.cli.showing.epochs import HEADS, as_line, figures, shown_perplexity, style
from rnnlm_cli.cli.showing.figure_cells import sizes_line, unknown_warning
from rnnlm_cli.cli.showing.models import model_line
from rnnlm_cli.cli.showing.summary import resume_command, show_summary
from rnnlm_cli.corpus.encoded_text import TextSizes
from rnnlm_cli.errors import readable
from rnnlm_cli.runs import (
    Event,
    RunFinished,
    RunStarted,
    RunStopped,
    Sample,
    SaveFailed,
    ValidationReport,
)
from rnnlm_cli.scoring.figures import perplexity
from rnnlm_cli.settings.text import Split
from rnnlm_cli.settings.train import BETA1, TrainConfig
from rnnlm_cli.training.reports import EpochReport, StepReport

_NAMES: dict[Split, str] = {"train": "training", "valid": "validation", "test": "test"}
_SMOOTHING = 0.05  # weight of the newest step in the figures beside the bar
_HALF_A_DAY = 12 * 3600.0
_INDENT = " " * 8  # of a text of the model, below the row of its epoch
_SECONDS_A_LINE = 30.0  # between two plain lines within an epoch


class _Running:
    """Smoothed figures of the newest steps."""

    def __init__(self) -> None:
        self.nats: float | None = None
        self.words_per_second = 0.0
        self.valid = ""  # perplexity after the last epoch

    def add(self, step: StepReport) -> None:
        if self.nats is None:
            self.nats, self.words_per_second = step.nats_per_token, step.words_per_second
        self.nats += _SMOOTHING * (step.nats_per_token - self.nats)
        self.words_per_second += _SMOOTHING * (step.words_per_second - self.words_per_second)

    def describe(self, step: StepReport) -> str:
        left = step.seconds * (1 - step.progress) / max(step.progress, 1e-9)
        valid = f"  valid {self.valid}" if self.valid else ""
        return (
            f"{self.words_per_second:>7,.0f} words/s  ppl {perplexity(self.nats or 0.0):>7,.1f}"
            f"{valid}  {render.duration(left)} left"
        )


class TrainingDisplay:
    """Shows the events of a run: progress on stderr, the result on stdout."""

    def __init__(self, *, as_json: bool) -> None:
        self.console = render.console(stderr=True)
        self.as_json = as_json
        self._line = LiveLine()
        self._running = _Running()
        self._last_line = 0.0

    @property
    def on_terminal(self) -> bool:
        """Whether there is a bar; else there are plain lines."""
        return self._line.on_terminal

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._line.clear()

    def show(self, event: Event) -> None:
        """Show one event."""
        match event:
            case RunStarted():
                self._started(event)
            case StepReport():
                self._step(event)
            case EpochReport():
                self._row(event, style(event))
            case ValidationReport():
                self._row(event.so_far, "dim")
            case Sample():
                self._say_sample(event)
            case SaveFailed():
                self._say(
                    f"warning: {event.message}; training goes on, and tries again", style="yellow"
                )
            case RunStopped():
                if event.unfinished:
                    self._row(event.unfinished, style(event.unfinished))
                self._say(f"stopped after {render.duration(event.seconds)}; saved {event.state}")
                self._say(f"go on with: {resume_command(event.state)}")
            case RunFinished():
                self._line.clear()
                if event.already:
                    more = " and ".join(f"--{limit}" for limit in event.used_up)
                    self._say(f"this run had finished already: a larger {more} goes on with it")
                if self.as_json:
                    render.print_json(run_document(event))
                else:
                    show_summary(event)

    def interrupted(self, state: Path) -> None:
        """A second Ctrl-C: nothing was saved, so what is there is that of the last save."""
        there = f"go on from the last save: {resume_command(state)}"
        self._say(f"stopped at once; {there if state.exists() else 'nothing had been saved yet'}")

    def not_begun(self) -> None:
        """A signal before there was anything to save."""
        self._say("stopped before the run had begun: nothing was changed")

    def _say(self, *lines: str, style: str = "") -> None:
        self._line.clear()
        with suppress(OSError):  # a terminal that is closed is no reason to lose a run
            for line in map(readable, lines):
                self.console.print(Text(line, style=style), soft_wrap=True)

    def _started(self, event: RunStarted) -> None:
        model = model_line(event.config.model, event.model.flat_params.size)
        sizes = event.corpus.sizes
        text, tokens = _text_line(event, sizes), sizes_line(sizes, event.corpus.cut)
        self._say(text, f"tokens {tokens}", f"model  {model}", _run_line(event))
        if warning := _unknown(event, sizes):
            self._say(f"warning: {warning}", style="yellow")
        self._say(*(f"note   {note}" for note in event.notes), style="dim")
        self._say(self._as_line(HEADS), style="bold")
        for row in event.history:
            self._row(row, style(row))

    def _step(self, step: StepReport) -> None:
        self._running.add(step)
        shown = self._running.describe(step)
        self._line.show(f"epoch {step.epoch}", step.progress, shown)
        if not self.on_terminal and step.seconds - self._last_line >= _SECONDS_A_LINE:
            self._last_line = step.seconds
            self._say(f"epoch {step.epoch}, {step.progress:.0%}: {' '.join(shown.split())}")

    def _say_sample(self, sample: Sample) -> None:
        """One line, whatever ends the lines of the text, and no wider than the terminal."""
        line = Text(_INDENT + readable(" / ".join(filter(None, sample.text.split("\n")))))
        line.truncate(min(columns() - 1, WIDEST), overflow="ellipsis")
        self._say(line.plain, style="dim")

    def _row(self, row: EpochReport, colour: str) -> None:
        self._last_line = row.seconds
        self._running.valid = shown_perplexity(row.valid_nats)
        self._say(self._as_line(figures(row)), style=colour)

    def _as_line(self, cells: Sequence[str]) -> str:
        """No wider than the terminal, which is asked each time: a table may be made narrower."""
        return as_line(cells, columns()) if self.on_terminal else as_line(cells)


def _unknown(event: RunStarted, sizes: Mapping[Split, TextSizes]) -> str | None:
    """What to say of the split with the largest share of unknown tokens."""
    split = max(sizes, key=lambda split: sizes[split].unknown_share)
    share, cut = sizes[split].unknown_share, event.corpus.cut
    way = "" if cut else "without --init-from"
    if cut and split == "train" and not cut.rare + cut.beyond:
        way = "on a text that holds fewer of them itself"
    of = f"of the {_NAMES[split]} split"
    return unknown_warning(share, of, event.corpus.tokenizer, cut, way=way)


def _text_line(event: RunStarted, sizes: Mapping[Split, TextSizes]) -> str:
    corpus = event.corpus
    tokens = " / ".join(f"{each.tokens:,}" for each in sizes.values())
    words = f"{len(corpus.vocabulary):,} in the vocabulary"
    return f"text   {corpus.name}: {tokens} tokens ({corpus.tokenizer}), {words}"


def _run_line(event: RunStarted) -> str:
    train = event.config.train
    ends = [
        f"{train.epochs} epochs" if train.epochs else "",
        f"{train.steps:,} steps" if train.steps else "",
        _until(train.budget, event) if train.budget else "",
    ]
    return (
        f"run    {event.run_id}: preset {event.config.preset}, {' or '.join(filter(None, ends))}, "
        f"batch {train.batch_size} x {train.time_size}, {_rule(train)}"
    )


def _rule(train: TrainConfig) -> str:
    """How the weights are changed."""
    beta1 = f", beta1 {train.beta1:g}" if train.beta1 != BETA1 else ""
    decay = f", decay {train.weight_decay:g}" if train.weight_decay else ""
    return f"{train.optimizer} {train.lr:g}{beta1}{decay}"


def _until(budget: float, event: RunStarted) -> str:
    """A budget, and the time of the day at which it will be used up."""
    left = max(0.0, budget - event.seconds)
    day = "%H:%M" if left < _HALF_A_DAY else "%a %H:%M"
    end = datetime.now() + timedelta(seconds=left + 30)  # to the nearest minute, not the last
    return f"{render.duration(budget)} (to about {end:{day}})"
