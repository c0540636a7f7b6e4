"""What a training run shows while it runs: a live bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

from dataclasses import asdict
from types import TracebackType
from typing import Any, Self

from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

from rnnlm_cli.cli import render
from rnnlm_cli.errors import printable
from rnnlm_cli.evaluation import perplexity
from rnnlm_cli.reports import EpochReport, StepReport
from rnnlm_cli.runs import Event, RunFinished, RunStarted, RunStopped

_SMOOTHING = 0.05  # weight of the newest step in the figures beside the bar
_SECONDS_A_LINE = 30.0  # between two plain lines within an epoch
_HEADER = (
    f"{'epoch':>6}{'train':>11}{'valid':>11}{'lr':>10}{'|gradient|':>12}{'words/s':>10}{'time':>9}"
)


class _Running:
    """Smoothed figures of the newest steps."""

    def __init__(self) -> None:
        self.nats: float | None = None
        self.words_per_second = 0.0

    def add(self, step: StepReport) -> None:
        if self.nats is None:
            self.nats, self.words_per_second = step.nats_per_token, step.words_per_second
        self.nats += _SMOOTHING * (step.nats_per_token - self.nats)
        self.words_per_second += _SMOOTHING * (step.words_per_second - self.words_per_second)

    def describe(self, step: StepReport) -> str:
        left = step.seconds * (1 - step.progress) / max(step.progress, 1e-9)
        return (
            f"{self.words_per_second:>7,.0f} words/s  ppl {perplexity(self.nats or 0.0):>8,.1f}"
            f"  {render.duration(left)} left"
        )


class TrainingDisplay:
    """Shows the events of a run: progress on stderr, the result on stdout."""

    def __init__(self, *, as_json: bool) -> None:
        self.console = render.console(stderr=True)
        self.on_terminal = self.console.is_terminal
        self.as_json = as_json
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TextColumn("{task.percentage:>3.0f}%"),
            TextColumn("{task.fields[figures]}"),
            console=self.console,
            transient=True,
            disable=not self.on_terminal,
            expand=True,
            refresh_per_second=4,
        )
        self._task = self._bar.add_task("", total=1.0, figures="", visible=False)
        self._running = _Running()
        self._last_line = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def show(self, event: Event) -> None:
        """Show one event."""
        match event:
            case RunStarted():
                self._started(event)
            case StepReport():
                self._step(event)
            case EpochReport():
                self._row(asdict(event) | {"words": event.words_per_second})
            case RunStopped():
                self._bar.stop()
                self._say(f"stopped after {render.duration(event.seconds)}; saved {event.state}")
                self._say(
                    "go on with: rnnlm train --resume" + _out_option(event.state, ".last.pkl")
                )
            case RunFinished():
                self._bar.stop()
                self._finished(event)

    def _say(self, line: str, style: str = "") -> None:
        self.console.print(Text(printable(line), style=style), soft_wrap=True)

    def _started(self, event: RunStarted) -> None:
        corpus, model, train = event.corpus, event.config.model, event.config.train
        sizes = " / ".join(f"{len(corpus.ids(s)):,}" for s in ("train", "valid", "test"))
        self._say(f"text   {corpus.name}: {sizes} tokens ({corpus.unit}), "
                  f"{len(corpus.vocabulary):,} in the vocabulary")  # fmt: skip
        stack = f"{model.layers} x LSTM {model.hidden_size}" + ", tied" * model.tied
        self._say(
            f"model  {stack}, dropout {model.dropout:g}: "
            f"{event.model.flat_params.size:,} parameters"
        )
        end = f"{train.epochs} epochs" if train.epochs else ""
        budget = render.duration(train.budget) if train.budget else ""
        self._say(
            f"run    {event.run_id}: preset {event.config.preset}, "
            f"{' or '.join(filter(None, (end, budget)))}, batch {train.batch_size} x "
            f"{train.time_size}, {train.optimizer} {train.lr:g}"
        )
        for note in event.notes:
            self._say(f"note   {note}", "dim")
        self._say(_HEADER, "bold")
        for row in event.history:
            self._row(row)
        self._bar.start()

    def _step(self, step: StepReport) -> None:
        self._running.add(step)
        figures = self._running.describe(step)
        self._bar.update(
            self._task,
            completed=step.progress,
            description=f"epoch {step.epoch}",
            figures=figures,
            visible=True,
        )
        if not self.on_terminal and step.seconds - self._last_line >= _SECONDS_A_LINE:
            self._last_line = step.seconds
            self._say(f"epoch {step.epoch}, {step.progress:.0%}: {' '.join(figures.split())}")

    def _row(self, row: dict[str, Any]) -> None:
        speed = f"{row['words']:,.0f}" if "words" in row else ""
        time = render.duration(row["seconds"]) if "seconds" in row else ""
        self._last_line = row.get("seconds", 0.0)
        nats = (row["train_nats"], row["valid_nats"])
        train, valid = ("—" if n is None else f"{perplexity(n):,.2f}" for n in nats)
        self._say(
            f"{row['epoch']:>6}{train:>11}{valid:>11}{row['lr']:>10.4g}"
            f"{row['gradient_norm']:>12.3f}{speed:>10}{time:>9}",
            "green" if row["is_best"] else "",
        )

    def _finished(self, event: RunFinished) -> None:
        if event.already:
            self._say("this run had finished already: a larger --epochs goes on with it")
        results = event.checkpoint.run.get("test_perplexity", {})
        if self.as_json:
            render.print_json(
                {
                    "checkpoint": str(event.path),
                    "run": event.checkpoint.run,
                    "history": event.checkpoint.history,
                    "test_perplexity": results,
                    "seconds": event.seconds,
                }
            )
            return
        best = min(
            (r["valid_nats"] for r in event.checkpoint.history if r["valid_nats"]), default=0
        )
        pairs: list[tuple[str, object]] = [
            (f"test perplexity ({protocol})", render.number(value))
            for protocol, value in results.items()
        ]
        errors = {test.protocol: test.standard_error for test in event.tests}
        pairs = [
            (name, f"{value} ± {render.number(error)}")
            for (name, value), error in zip(pairs, errors.values(), strict=False)
        ] or pairs
        words = event.checkpoint.text.words if event.checkpoint.text else ()
        start = next((w for w in ("you", "the", "The", "It") if w in words), None)
        render.show_pairs(
            [
                *pairs,
                ("validation perplexity", render.number(perplexity(best))),
                ("time", render.duration(event.seconds)),
                ("checkpoint", event.path),
                (
                    "try",
                    "rnnlm generate"
                    + _out_argument(event.path)
                    + (f' --start "{start}"' if start else ""),
                ),
                ("", f"rnnlm eval {event.path}"),
            ]
        )


def _out_option(state: Any, ending: str) -> str:
    from rnnlm_cli.config import DEFAULT_CHECKPOINT

    out = state.with_name(state.name.removesuffix(ending) + ".pkl")
    return "" if out == DEFAULT_CHECKPOINT else f" --out {out}"


def _out_argument(path: Any) -> str:
    from rnnlm_cli.config import DEFAULT_CHECKPOINT

    return "" if path == DEFAULT_CHECKPOINT else f" {path}"
