"""One training run from a text to a checkpoint: what the CLI and a Python user both call.

    for event in train(RunRequest.of("book", corpus="ptb")):
        ...  # RunStarted, then StepReport and EpochReport as they come, then RunFinished

A run owns the files that `naming` has names for: the best model, and the newest states, from which
`resume` goes on as if nothing had happened. It holds a lock on them for as long as it lives.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.checkpoint.contents import Checkpoint, Resume, RunRecord, libraries
from rnnlm_cli.checkpoint.naming import followed
from rnnlm_cli.checkpoint.own_text import Advice, own_corpus
from rnnlm_cli.corpus.loading import Corpus, load_corpus
from rnnlm_cli.corpus.reading.places import Place
from rnnlm_cli.errors import CheckpointError, TrainingDiverged, in_file, of_another_text
from rnnlm_cli.runs.active import ActiveRun
from rnnlm_cli.runs.choosing import chosen
from rnnlm_cli.runs.earlier import make_room
from rnnlm_cli.runs.events import Event, RunFinished, RunStarted, RunStopped
from rnnlm_cli.runs.fine_tuning import start_notes, start_of
from rnnlm_cli.runs.found_state import (
    check_begun,
    find_model,
    find_state,
    go_without_model,
    is_complete,
    kept_nats,
    make_newest,
    other_libraries,
    other_tokens,
    take_up,
)
from rnnlm_cli.runs.lock import RunLock, check_free
from rnnlm_cli.runs.log import RunLog, check_log, cut_log
from rnnlm_cli.runs.resumed_settings import resumed_config
from rnnlm_cli.runs.run_files import check_name, prepare_folder, remove_leftovers
from rnnlm_cli.runs.sampling import Samples
from rnnlm_cli.runs.saving import Saver, Shield
from rnnlm_cli.runs.setup import Setup, build, with_ids_for
from rnnlm_cli.runs.targets import check_log_target, check_out
from rnnlm_cli.scoring.evaluation import Evaluation, evaluate_until
from rnnlm_cli.settings.run import RunPlan, RunRequest
from rnnlm_cli.settings.train import Protocol
from rnnlm_cli.threads import give_blas
from rnnlm_cli.training.pace import Clock
from rnnlm_cli.training.reports import EpochReport


def train(
    asked: RunRequest,
    *,
    start: Checkpoint | None = None,
    stop: Callable[[], bool] = lambda: False,
    shield: Shield = nullcontext,
    clock: Clock = time.perf_counter,
    progress: bool = False,
    sample_every: int = 0,
    spent: float = 0.0,
) -> Iterator[Event]:
    """Train a new model as it is `asked`, yielding events.

    `start` is the model at `asked.init_from`, should it have been read already. `stop` is asked
    after every step, and while a text is scored; when it says yes, the state is saved and
    RunStopped is the last event. `shield()` is entered around all that changes files.
    `progress` shows a bar for downloads. Where the settings do not say how often there is a Sample,
    it is after `sample_every` validations; 0: never. A budget begins `spent` seconds before this
    call. Raises RnnlmError, at once if another run writes there.
    """
    began = clock()
    check_name(asked.out, anew=True)
    out = followed(asked.out)
    check_free(out)
    check_out(out, asked.init_from)
    start = start_of(asked, start)
    words, place = start.text if start else None, Place(asked.corpus, asked.encoding)
    corpus = load_corpus(
        place,
        asked.text,
        tokenizer=words.tokenizer if words else None,
        vocabulary=words.vocabulary if words else None,
        progress=progress,
    )
    with nullcontext() if words is None else of_another_text(place, asked.init_from):
        config, notes = chosen(asked, corpus, out, spent + clock() - began)
        _ = corpus.tokens  # of all splits
    notes[:0] = place.notes
    notes += start_notes(asked, start, corpus) if start else []
    corpus = with_ids_for(config, corpus)
    setup = build(config, corpus, clock, start=start, spent=spent + clock() - began)
    check_log_target(config.log, corpus.place)
    prepare_folder(out, setup.sizes_of_files())
    check_log(config.log)
    with RunLock(out) as lock:
        with shield():
            remove_leftovers(out, config.log)
            notes += [*make_room(out), *filter(None, [lock.note])]
        log = RunLog(config.log, setup.record.id, anew=True)
        saver = Saver(out, lock, shield)
        samples = Samples(setup, sample_every)
        yield from _go(ActiveRun(setup, saver, log, samples, stop, clock), notes)


def resume(
    out: Path,
    given: dict[str, Any],
    *,
    stop: Callable[[], bool] = lambda: False,
    shield: Shield = nullcontext,
    clock: Clock = time.perf_counter,
    progress: bool = False,
    sample_every: int = 0,
) -> Iterator[Event]:
    """Go on with the run whose state lies beside `out`.

    `given` holds settings that the user named, as for RunRequest.of: more `epochs`,
    `steps`, `budget` or `patience` lengthen the run, `save_every` and `log` are free, `corpus` is
    any path to its text, any other difference is refused. A run that has finished is opened only
    by more of what ended it; else its files stay as they are. A newest state that is damaged or
    missing is told, and the one before it taken. Raises RnnlmError.
    """
    check_name(out, anew=False)
    out = followed(out)
    check_begun(out)  # where there is nothing, nothing is left behind, not even a lock
    with RunLock(out) as lock:
        found = find_state(out)
        config = resumed_config(found.state, out, given, found.path)
        model = find_model(found, out)
        corpus = with_ids_for(config, _same_corpus(found.state, config, found.path, progress))
        setup = take_up(config, corpus, found, clock)
        check_log_target(config.log, setup.corpus.place)
        check_log(config.log)
        notes = other_libraries(found.state.libraries, libraries(setup.model.cores.threads))
        notes += other_tokens(found.state.text, corpus)
        notes += found.state.text.notes if found.state.text else []
        with shield():
            remove_leftovers(out, config.log)
            if model is None:
                notes += go_without_model(setup)
            make_newest(found, out)
            assert found.state.resume is not None
            log = _log_again(setup, found.state.resume, complete=is_complete(model, setup.history))
        notes = [note for note in (found.note, lock.note, *notes) if note]
        saver = Saver(
            out,
            lock,
            shield,
            saved_step=setup.trainer.counters.step,
            kept_nats=kept_nats(model) if model else None,
        )
        del found, model  # their arrays: the run has its own now
        samples = Samples(setup, sample_every)
        yield from _go(ActiveRun(setup, saver, log, samples, stop, clock), notes)


def _log_again(run: Setup, saved: Resume, *, complete: bool) -> RunLog:
    """The log, cut back to where the state `saved` is, unless the run is over and told."""
    line, timings = saved.line, saved.line_timings
    step = run.trainer.counters.step
    if not (complete and run.trainer.counters.finished):
        told = step - line.steps
        cut_log(run.config.log, run.record.id, step, told=told, complete=complete)
    return RunLog(
        run.config.log, run.record.id, anew=False, line=replace(line), timings=replace(timings)
    )


def _same_corpus(saved: Checkpoint, config: RunPlan, path: Path, progress: bool) -> Corpus:
    """The text that the state `saved` was trained on. Raises CorpusError if it is not here."""
    assert saved.text is not None
    load = partial(
        load_corpus,
        config=config.text,
        tokenizer=saved.text.tokenizer,
        vocabulary=saved.text.vocabulary if config.init_from else None,
        sha256=saved.text.sha256,
        progress=progress,
    )
    advice = Advice("name it with --corpus", "name that text with --corpus")
    asked = Place(config.corpus, config.encoding)
    given = None if asked == saved.text.place else [asked]
    return own_corpus(saved.text, path, load, advice, given)


def _go(run: ActiveRun, notes: list[str]) -> Iterator[Event]:
    setup, before = run.setup, list(run.setup.history)
    with closing(run.log):
        yield RunStarted(setup.config, setup.corpus, setup.model, setup.record.id, before, notes)
        yield from _carry_on(run)


def _carry_on(run: ActiveRun) -> Iterator[Event]:
    """Train, save as it goes, and end with RunStopped or RunFinished."""
    config, trainer = run.setup.config, run.setup.trainer
    give_blas(config.threads)
    already, saved_at = trainer.counters.finished, run.clock()
    for report in trainer.run(run.stop):
        failures = run.log.add(report)  # before the save: a resume cuts a log that is ahead
        sample = run.samples.after(report)
        if sample and config.sample_every:
            failures += run.log.add(sample)
        if isinstance(report, EpochReport):
            failures += run.end_epoch(report)
            saved_at = run.clock()
        yield report
        if sample:
            yield sample
        yield from failures
        if run.stop() and not trainer.counters.finished:
            break
        if run.clock() - saved_at >= config.save_every:
            yield from run.try_to_save()
            saved_at = run.clock()
    yield from _finish(run, already) if trainer.counters.finished else _stop_here(run)


def _stop_here(run: ActiveRun) -> Iterator[Event]:
    try:
        run.saver.save(run.state())
    except CheckpointError as error:
        raise CheckpointError(f"{error}; then {run.saver.way_on()}") from None
    yield from _stopped(run)


def _stopped(run: ActiveRun) -> Iterator[Event]:
    trainer = run.setup.trainer
    unfinished = trainer.epoch_report() if trainer.counters.amid_epoch else None
    stopped = RunStopped(run.saver.state, trainer.seconds, unfinished)
    yield from run.log.add(stopped)
    yield stopped


def _finish(run: ActiveRun, already: bool) -> Iterator[Event]:
    """Score the kept model on the test split and complete its file."""
    setup = run.setup
    path, seconds = setup.config.out, setup.trainer.seconds
    if math.isinf(setup.trainer.counters.best_nats):
        raise TrainingDiverged(
            "no epoch had a finite validation perplexity, so no model was kept: "
            "start again with a smaller --lr"
        )
    run.saver.complete()  # the best model, should it not be on the disk
    kept = load_checkpoint(path)
    assert kept.run is not None
    if already and is_complete(kept, setup.history):  # else it was killed just before its end
        yield RunFinished(path, kept, [], seconds, setup.limits)
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
    complete = replace(kept, run=record, history=setup.history, seconds=seconds)
    finished = RunFinished(path, complete, tests, seconds)
    failures = run.log.add(finished)
    run.saver.complete(complete)
    yield from failures
    yield finished


def _with_tests(record: RunRecord, tests: Sequence[Evaluation]) -> RunRecord:
    return replace(
        record,
        test_perplexity={test.protocol: test.perplexity for test in tests},
        tests={test.protocol: test.figures for test in tests},
    )


def _test(run: ActiveRun) -> list[Evaluation] | None:
    """Score the test split as a stream, and as the book does where it also validated so.

    None if it is stopped.
    """
    setup = run.setup
    validated = setup.config.train.protocol
    protocols: list[Protocol] = ["stream", "book"] if validated == "book" else ["stream"]
    tests: list[Evaluation] = []
    for protocol in protocols:
        scored = evaluate_until(run.stop, setup.model, setup.corpus.text("test"), protocol=protocol)
        if scored is None:
            return None
        tests.append(scored)
    return tests
