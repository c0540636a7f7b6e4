"""How a run ends: stopped, with its state on the disk, or finished, with its model tested."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.checkpoint.contents import Checkpoint, RunRecord
from rnnlm_cli.errors import CheckpointError, TrainingDiverged, in_file, quoted
from rnnlm_cli.runs.active import ActiveRun
from rnnlm_cli.runs.events import Event, RunFinished, RunStopped
from rnnlm_cli.runs.setup import Setup, tested_by
from rnnlm_cli.scoring.evaluation import Evaluation
from rnnlm_cli.training.reports import EpochReport, kept_epoch
from rnnlm_cli.training.together import scored_together


def stop_here(run: ActiveRun) -> Iterator[Event]:
    """Save the state, from which a resume goes on. Raises CheckpointError."""
    try:
        run.saver.save(run.state())
    except CheckpointError as error:
        raise CheckpointError(f"{error}; then {run.saver.way_on()}") from None
    yield from _stopped(run)


def _stopped(run: ActiveRun) -> Iterator[Event]:
    trainer = run.setup.trainer
    unfinished = trainer.epoch_report() if trainer.counters.amid_epoch else None
    stopped = RunStopped(run.saver.state_path, trainer.seconds, unfinished)
    yield from run.sinks.add(stopped)
    yield stopped


def finish(run: ActiveRun, already: bool) -> Iterator[Event]:
    """Score the kept model on the test split and complete its file."""
    setup = run.setup
    path, seconds = setup.config.out, setup.trainer.seconds
    if math.isinf(setup.trainer.counters.best_nats):
        epoch = kept_epoch(setup.history, setup.config.train.keep)
        left = "so no model was kept" if epoch is None else f"{quoted(path)} is of the last one"
        raise TrainingDiverged(
            f"no epoch had a finite validation perplexity, {left}: start again with a smaller --lr"
        )
    run.saver.complete()  # the best model, should it not be on the disk
    kept = load_checkpoint(path)
    assert kept.run is not None
    if already and kept.is_complete(len(setup.history)):  # else it was killed just before its end
        yield RunFinished(path, kept, [], seconds, already=True, used_up=setup.limits)
        return
    if run.saver.failure is not None:  # the last weights, which the kept ones now overwrite
        yield from run.try_to_save()
    with in_file(path):
        setup.model.assign(kept.params)
    tests = _test(run)
    if tests is None:
        if run.saver.failure is not None:
            raise run.saver.failure
        yield from _stopped(run)
        return
    record = _with_tests(kept.run, tests)
    history = _history(kept, setup)
    complete = replace(kept, run=record, history=history, seconds=seconds)
    finished = RunFinished(path, complete, tests, seconds)
    failures = run.sinks.add(finished)
    run.saver.complete(complete)
    yield from failures
    yield finished


def _history(kept: Checkpoint, setup: Setup) -> list[EpochReport]:
    """The epochs of the run, among them the one that the kept model is of: a run that was killed
    before it had saved its state, and repeated its epochs otherwise, does not know of it.
    """
    keep, rows = setup.config.train.keep, setup.history
    known = kept_epoch(rows, keep)
    if keep == "last" or (known is not None and known.valid_nats == kept.best_nats):
        return rows
    return [*kept.history, *rows[len(kept.history) :]]


def _with_tests(record: RunRecord, tests: Sequence[Evaluation]) -> RunRecord:
    return replace(
        record,
        test_perplexity={test.protocol: test.perplexity for test in tests},
        tests={test.protocol: test.figures for test in tests},
    )


def _test(run: ActiveRun) -> list[Evaluation] | None:
    """Score the test split by each of the protocols of `tested_by`; None if it is stopped."""
    setup = run.setup
    tests: list[Evaluation] = []
    for protocol in tested_by(setup.config.train):
        text = setup.corpus.text("test")
        scored = scored_together(run.around.stop, setup.trainer, text, protocol=protocol)
        if scored is None:
            return None
        tests.append(scored)
    return tests
