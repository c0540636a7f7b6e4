"""Where a run tells what it does, beside the events that it yields: its log, and TensorBoard."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Protocol

from rnnlm_cli.checkpoint.contents import Resume
from rnnlm_cli.runs.events import Event, SaveFailed
from rnnlm_cli.runs.lines import Line
from rnnlm_cli.runs.log import RunLog, cut_log
from rnnlm_cli.runs.log_lines import Gathering
from rnnlm_cli.runs.setup import Setup
from rnnlm_cli.runs.tensorboard import EventFile


class Sink(Protocol):
    """What takes the lines of a run."""

    def add(self, lines: Sequence[Line]) -> list[SaveFailed]:
        """Write `lines`, all that one event gave; what fails is told, and tried again later."""

    def close(self) -> None:
        """No more lines will come."""


class Sinks:
    """The sinks that the settings of a run name, maybe none, and the steps since its last line.

    They are closed at every end of the run. Raises ConfigError if one cannot be opened.
    """

    def __init__(self, run: Setup, gathering: Gathering, *, anew: bool) -> None:
        self.gathering, self._sinks = gathering, list[Sink]()
        config = run.config
        with ExitStack() as opened:
            if config.log is not None:
                self._open(RunLog(config.log, run.record.id, anew=anew), opened)
            if config.tensorboard is not None:
                self._open(EventFile(config.tensorboard, run, anew=anew), opened)
            self._closing = opened.pop_all()

    def _open(self, sink: Sink, opened: ExitStack) -> None:
        opened.callback(sink.close)
        self._sinks.append(sink)

    def add(self, event: Event) -> list[SaveFailed]:
        """Tell `event`; the steps are counted without a sink too: a resume may have one."""
        lines = self.gathering.lines_of(event)
        return [failed for sink in self._sinks for failed in sink.add(lines)]

    def close(self) -> None:
        """No more events will come."""
        self._closing.close()


def reopened(run: Setup, saved: Resume, *, complete: bool) -> Sinks:
    """The sinks of a `run` that goes on from the state `saved`, without what it will tell again.

    A log is cut back to there, unless the run is over and told.
    """
    line, timings = saved.line, saved.line_timings
    counters = run.trainer.counters
    if not (complete and counters.finished):
        told = counters.step - line.steps
        cut_log(run.config.log, run.record.id, counters.step, told=told, complete=complete)
    return Sinks(run, Gathering(replace(line), replace(timings)), anew=False)
