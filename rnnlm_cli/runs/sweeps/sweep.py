"""The runs of a sweep, so many side by side, until there are enough."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from multiprocessing.connection import wait

from filelock import Timeout

from rnnlm_cli.checkpoint.naming import lock_path, older_path, state_path
from rnnlm_cli.errors import CheckpointError, quoted
from rnnlm_cli.runs.lock import take
from rnnlm_cli.runs.sweeps.plan import SweepPlan
from rnnlm_cli.runs.sweeps.run_process import Failed, Finished, Stopped, Told, Validated, Worker
from rnnlm_cli.runs.sweeps.study import Study
from rnnlm_cli.runs.sweeps.trial import Trial, best_of
from rnnlm_cli.watching import Stop, never

_EVERY = 0.25  # seconds after which what is known is given again
_LOCK = ".sweep.lock"


def sweep(plan: SweepPlan, stop: Stop = never) -> Iterator[list[Trial]]:
    """Run what `plan` asks for, and give all runs as they stand, several times a second.

    A sweep that was cut short goes on: where `stop` says so, the runs save their states. Of the
    finished runs the best keeps its model. Raises RnnlmError; a run that fails is told as such.
    """
    try:
        plan.folder.mkdir(parents=True, exist_ok=True)
        lock = take(plan.folder / _LOCK)
    except Timeout:
        raise CheckpointError(
            f"{quoted(plan.folder)} is being written by another sweep: wait for it"
        ) from None
    except OSError as error:
        raise CheckpointError(
            f"{quoted(plan.folder)}, where the runs of the sweep are to lie, cannot be used "
            f"({error.strerror or error}): move what is there away, or the plan to another place"
        ) from None
    with ExitStack() as last:
        last.callback(lock.release)
        running = _Sweep(plan)
        last.callback(running.stop_all)
        yield from running.go(stop)


class _Sweep:
    def __init__(self, plan: SweepPlan) -> None:
        self._plan, self._study = plan, Study(plan)
        self._workers: dict[int, Worker] = {}
        self._trials = {trial.number: trial for trial in self._study.trials()}

    def go(self, stop: Stop) -> Iterator[list[Trial]]:
        while not stop():
            self._begin()
            yield self._rows()
            if not self._workers:
                return
            connections = {each.connection: each for each in self._workers.values()}
            for ready in wait(list(connections), _EVERY):
                self._hear(connections[ready])  # type: ignore[index]
        self.stop_all()
        yield self._rows()

    def stop_all(self) -> None:
        """Have the runs save their states, which they go on from next time."""
        for worker in self._workers.values():
            worker.ask_to_stop()
        for worker in list(self._workers.values()):
            while worker.number in self._workers:
                self._hear(worker, stopping=True)

    def _rows(self) -> list[Trial]:
        return [self._trials[number] for number in sorted(self._trials)]

    def _begin(self) -> None:
        while len(self._workers) < self._plan.jobs and (trial := self._study.next()):
            given = self._plan.given(trial.params)
            given |= {"out": self._plan.out(trial.number), "threads": 1}
            self._workers[trial.number] = Worker(trial.number, given)
            self._trials[trial.number] = replace(trial, state="running")

    def _hear(self, worker: Worker, *, stopping: bool = False) -> None:
        try:
            told: Told = worker.connection.recv()
        except (EOFError, OSError):  # killed, or out of memory
            code = worker.wait()
            told = Stopped(0) if stopping else Failed(f"its process ended (exit code {code})")
        if isinstance(told, Validated):
            self._validated(worker, told)
        else:
            self._end(worker.number, told)

    def _validated(self, worker: Worker, told: Validated) -> None:
        number, trial = worker.number, self._trials[worker.number]
        least = told.valid if math.isnan(trial.valid) else min(trial.valid, told.valid)
        trial = replace(trial, epoch=told.epoch, valid=least, seconds=told.seconds)
        if self._study.note(number, told.epoch, told.valid):
            trial = replace(trial, state="pruned")
            worker.ask_to_stop()
        self._trials[number] = trial

    def _end(self, number: int, told: Finished | Stopped | Failed) -> None:
        self._workers.pop(number).wait()
        self._trials[number] = trial = _ended(self._trials[number], told)
        if trial.has_ended:
            self._study.end(trial)
            self._keep_the_best()

    def _keep_the_best(self) -> None:
        """Remove what no run goes on from, and the models that others have beaten."""
        best = best_of(self._trials.values())
        for number, trial in self._trials.items():
            out = self._plan.out(number)
            if trial.has_ended:
                model = [out] if trial is not best else []
                for path in (state_path(out), older_path(out), lock_path(out), *model):
                    path.unlink(missing_ok=True)


def _ended(trial: Trial, told: Finished | Stopped | Failed) -> Trial:
    match told:
        case Failed(message):
            return replace(trial, state="failed", message=message)
        case Finished(valid, seconds=seconds) if not math.isfinite(valid):
            message = "its validation perplexity is not finite: try a smaller lr"
            return replace(trial, state="failed", seconds=seconds, message=message)
        case Finished(valid, test, seconds) if trial.state != "pruned":
            return replace(trial, state="done", valid=valid, test=test, seconds=seconds)
        case Finished(seconds=seconds) | Stopped(seconds):
            state = trial.state if trial.has_ended else "waiting"
            return replace(trial, state=state, seconds=max(trial.seconds, seconds))
