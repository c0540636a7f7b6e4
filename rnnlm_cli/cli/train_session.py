"""A training run in a terminal: signals in, events out to the display."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import typer

from rnnlm_cli.cli.launched import FORWARDED, launched, ranks_here
from rnnlm_cli.cli.showing.bars import bar
from rnnlm_cli.cli.showing.progress import TrainingDisplay
from rnnlm_cli.runs import Event, RunStarted, RunStopped, begin, resume, state_path
from rnnlm_cli.runs.around import Around
from rnnlm_cli.runs.fine_tuning import NewRun
from rnnlm_cli.runs.stop_request import SIGNALS, StopRequest
from rnnlm_cli.training.ranks import ALONE, Ranks


def train_session(new: NewRun, *, as_json: bool) -> None:
    """A new run.

    Exits with 128 and the number of the signal when one stopped it.
    """
    ranks = ranks_here() or ALONE
    if new.request.threads is None:
        new = replace(new, request=replace(new.request, threads=ranks.threads))
    spent = time.process_time()  # so far the command has computed and nothing else
    _run(partial(begin, new, spent=spent), ranks, new.request.out, as_json)


def resume_session(out: Path, settings: dict[str, Any], *, as_json: bool) -> None:
    """The run whose state lies beside `out` goes on, lengthened as `settings` say."""
    ranks = ranks_here() or ALONE
    if ranks.threads is not None:
        settings = {"threads": ranks.threads} | settings
    _run(partial(resume, out, settings), ranks, out, as_json)


def _run(
    start: Callable[[Around], Iterator[Event]], ranks: Ranks, out: Path, as_json: bool
) -> None:
    stop, stopped = StopRequest(), False
    signals = (*SIGNALS, FORWARDED) if launched() else SIGNALS
    with stop.listening(signals), TrainingDisplay(as_json=as_json) as display:
        around = Around(
            stop=stop,
            shield=stop.shield,
            stages=bar,
            sample_every=1 if display.on_terminal else 0,  # where somebody sees them
            ranks=ranks,
        )
        try:
            for event in start(around):
                if isinstance(event, RunStarted):
                    stop.begin()
                stopped = isinstance(event, RunStopped)
                display.show(event)
        except KeyboardInterrupt:
            if stop.begun:
                display.interrupted(state_path(out))
            else:
                display.not_begun()
            raise typer.Exit(128 + (stop.signal or signal.SIGINT)) from None
        if stopped:
            raise typer.Exit(128 + (stop.signal or signal.SIGINT))
