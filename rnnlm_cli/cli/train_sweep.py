"""`rnnlm train --sweep`: signals in, a table of runs out."""

from __future__ import annotations

from pathlib import Path

import typer

from rnnlm_cli.cli.launched import launched
from rnnlm_cli.cli.options import bad_usage
from rnnlm_cli.cli.showing.render import print_json
from rnnlm_cli.cli.showing.sweeps import SweepDisplay, show_sweep, sweep_document
from rnnlm_cli.errors import CheckpointError, ConfigError
from rnnlm_cli.runs.stop_request import StopRequest
from rnnlm_cli.runs.sweeps import Trial, best_of, read_plan, sweep


def sweep_session(path: Path, *, as_json: bool) -> None:
    """The runs that the file asks for, or what is left of them.

    Exits with 128 and the number of the signal when one stopped it.
    """
    with bad_usage():
        if launched():
            raise ConfigError(
                "a sweep starts its runs itself, on the cores of one machine: start it without a "
                "launcher such as mpirun"
            )
        plan = read_plan(path)
    stop, trials = StopRequest(), list[Trial]()
    stop.begin()  # a first signal has the runs save their states
    with stop.listening(), SweepDisplay(plan) as display:
        for trials in sweep(plan, stop):
            display.show(trials)
    if stop.signal:
        display.stopped()
        raise typer.Exit(128 + stop.signal)
    if as_json:
        print_json(sweep_document(plan, trials))
    else:
        show_sweep(plan, trials)
    if best_of(trials) is None:
        raise CheckpointError("no run has finished: mend what failed, and start the sweep again")
