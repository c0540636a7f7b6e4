"""A sweep: its runs as a table that moves on a terminal, lines elsewhere, and what came of it."""

from __future__ import annotations

import math
import shlex
import statistics
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from rich.live import Live
from rich.table import Table
from rich.text import Text

from rnnlm_cli.cli.showing import render
from rnnlm_cli.errors import printable
from rnnlm_cli.runs.sweeps import SweepPlan, Trial, best_of
from rnnlm_cli.settings.run import OPTIONS
from rnnlm_cli.settings.spelling import option_name

_MOST = 20  # rows of the table that stays
_LINES = 8  # of a terminal that are not for rows while it moves


class SweepDisplay:
    """Shows the runs on stderr as they go."""

    def __init__(self, plan: SweepPlan) -> None:
        self._plan, self._console = plan, render.console(stderr=True)
        self._on_terminal = render.is_drawn_on(self._console)
        self._live = Live(console=self._console, auto_refresh=False, transient=True)
        self._told: set[int] = set()  # runs whose end was told

    def __enter__(self) -> Self:
        plan = self._plan
        jobs = f"{plan.jobs} side by side" if plan.jobs > 1 else "one after the other"
        self._say(f"sweep  {plan.path}: {plan.trials:,} runs, {jobs}, in {plan.folder}")
        if self._on_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def show(self, trials: Sequence[Trial]) -> None:
        """The runs as they stand: all on a terminal, elsewhere those that have just ended."""
        if self._on_terminal:
            rows = max(1, self._console.height - _LINES)
            self._live.update(_table(self._plan, _first(trials, rows)), refresh=True)
            return
        for trial in trials:
            if trial.has_ended and trial.number not in self._told:
                self._told.add(trial.number)
                self._say(_line(trial))

    def stopped(self) -> None:
        """A signal: what is there, and how it goes on."""
        self._say("stopped; the runs have saved their states")
        self._say(f"go on with: rnnlm train --sweep {shlex.quote(str(self._plan.path))}")

    def _say(self, line: str) -> None:
        self._console.print(Text(printable(line)), soft_wrap=True)


def show_sweep(plan: SweepPlan, trials: Sequence[Trial]) -> None:
    """The best runs and the command of the best; of runs that differ in seeds alone the mean."""
    render.show_table(_table(plan, _first(trials, _MOST)))
    for message in dict.fromkeys(trial.message for trial in trials if trial.message):
        render.say_warning(f"a run failed: {message}")
    if (best := best_of(trials)) is None:
        return
    pairs = {"best run": str(best.number), "model": str(plan.out(best.number))}
    if plan.is_of_seeds:
        pairs = {name: _mean(values) for name, values in _figures(trials).items()} | pairs
    render.show_pairs([*pairs.items(), ("again with", command_of({**plan.fixed, **best.params}))])


def sweep_document(plan: SweepPlan, trials: Sequence[Trial]) -> dict[str, Any]:
    """The same as JSON."""
    best = best_of(trials)
    document: dict[str, Any] = {
        "trials": [
            {
                "number": trial.number,
                "settings": dict(trial.params),
                "state": trial.state,
                "epoch": trial.epoch,
                "valid_perplexity": trial.valid,
                "test_perplexity": trial.test,
                "seconds": trial.seconds,
                "message": trial.message,
            }
            for trial in trials
        ],
        "best": best and best.number,
        "model": best and str(plan.out(best.number)),
        "command": best and command_of({**plan.fixed, **best.params}),
    }
    if plan.is_of_seeds:
        document["seeds"] = {
            name: {"mean": statistics.fmean(values), "deviation": _deviation(values)}
            for name, values in _figures(trials).items()
            if values
        }
    return document


def command_of(given: Mapping[str, Any]) -> str:
    """The command line of a run with these settings."""
    words = (word for name, value in given.items() for word in OPTIONS[name].typed(value))
    return shlex.join(["rnnlm", "train", *words])


def _first(trials: Sequence[Trial], count: int) -> list[Trial]:
    """Those that run, then the best."""
    order = {"running": 0, "waiting": 1, "done": 2, "pruned": 3, "failed": 4}

    def key(trial: Trial) -> tuple[int, float, int]:
        return (
            order[trial.state],
            math.inf if math.isnan(trial.valid) else trial.valid,
            trial.number,
        )

    return sorted(trials, key=key)[:count]


def _table(plan: SweepPlan, trials: Sequence[Trial]) -> Table:
    names = plan.differing
    heads = [option_name(name) for name in names]
    shown = render.table("run", *heads, "state", "epoch", "valid ppl", "test ppl", "time")
    best = best_of(trials)
    for trial in trials:
        render.add_row(
            shown,
            trial.number,
            *(_value(trial.params[name]) for name in names),
            trial.state,
            trial.epoch or "",
            render.number(trial.valid),
            render.number(trial.test),
            render.duration(trial.seconds),
            style="green" if best and trial.number == best.number else "",
        )
    return shown


def _value(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _line(trial: Trial) -> str:
    params = ", ".join(f"{option_name(name)} {_value(v)}" for name, v in trial.params.items())
    found = trial.message or (
        f"validation perplexity {render.number(trial.valid)} after {trial.epoch} epochs, "
        f"{render.duration(trial.seconds)}"
    )
    return f"run {trial.number} {trial.state} ({params}): {found}"


def _figures(trials: Sequence[Trial]) -> dict[str, list[float]]:
    done = [trial for trial in trials if trial.state == "done"]
    return {
        "validation perplexity": [trial.valid for trial in done],
        "test perplexity": [trial.test for trial in done if not math.isnan(trial.test)],
    }


def _mean(values: Sequence[float]) -> str:
    if not values:
        return "—"
    deviation = f", deviation {_deviation(values):.2f}" if len(values) > 1 else ""
    return f"mean {render.number(statistics.fmean(values))}{deviation}, of {len(values)} seeds"


def _deviation(values: Sequence[float]) -> float:
    """Of the seeds in general, as these tell it (n - 1); nan for one."""
    return statistics.stdev(values) if len(values) > 1 else math.nan
