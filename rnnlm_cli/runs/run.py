"""One training run from a text to a checkpoint: what the CLI and a Python user both call.

    for event in begin(requested({"preset": "book", "corpus": "ptb"})):
        ...  # RunStarted, then StepReport and EpochReport as they come, then RunFinished

A run owns the files that `naming` has names for: the best model, and the newest states, from which
`resume` goes on as if nothing had happened. It holds a lock on them for as long as it lives.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from rnnlm_cli.checkpoint.naming import followed
from rnnlm_cli.checkpoint.own_text import Advice, own_corpus
from rnnlm_cli.corpus.loading import Corpus, load_corpus
from rnnlm_cli.corpus.reading.places import Place
from rnnlm_cli.corpus.standard_input import copy_notes, place_of_files
from rnnlm_cli.errors import of_another_text
from rnnlm_cli.runs.active import ActiveRun
from rnnlm_cli.runs.around import UNATTENDED, Around
from rnnlm_cli.runs.bit_exactness import not_bit_exact
from rnnlm_cli.runs.choosing import chosen
from rnnlm_cli.runs.earlier import make_room
from rnnlm_cli.runs.ending import finish, stop_here
from rnnlm_cli.runs.events import Event, RunStarted
from rnnlm_cli.runs.fine_tuning import NewRun, start_notes
from rnnlm_cli.runs.found_state import (
    check_begun,
    find_model,
    find_state,
    go_without_model,
    make_newest,
)
from rnnlm_cli.runs.lock import RunLock, check_unlocked
from rnnlm_cli.runs.log import held_log
from rnnlm_cli.runs.log_lines import Gathering
from rnnlm_cli.runs.resumed_settings import resumed_config
from rnnlm_cli.runs.run_files import (
    check_name,
    no_empty_folder,
    prepare_folder,
    remove_leftovers,
)
from rnnlm_cli.runs.sampling import Samples
from rnnlm_cli.runs.saved_state import SavedState
from rnnlm_cli.runs.saving import Saver
from rnnlm_cli.runs.setup import Setup, build, taken_up, with_ids_for
from rnnlm_cli.runs.sinks import Sinks, reopened
from rnnlm_cli.runs.targets import check_log_target, check_out, check_tensorboard_target
from rnnlm_cli.runs.tensorboard_folder import check_tensorboard
from rnnlm_cli.runs.validating import Validations, validation_notes
from rnnlm_cli.settings.run import RunPlan
from rnnlm_cli.training.reports import EpochReport
from rnnlm_cli.watching import Bars


def begin(new: NewRun, around: Around = UNATTENDED, *, spent: float = 0.0) -> Generator[Event]:
    """Train a new model as it is requested, yielding events.

    A budget begins `spent` seconds before this call. Raises RnnlmError, at once if another run
    writes there.
    """
    began, asked = around.clock() - spent, new.request
    check_name(asked.out, anew=True)
    out, log = followed(asked.out), asked.log
    check_tensorboard(asked.tensorboard)
    check_tensorboard_target(asked.tensorboard, out, log)
    check_unlocked(out)
    check_out(out, asked.init_from)
    if out != asked.out:
        new = replace(new, request=replace(asked, out=out))
    setup, notes = _planned(new, around, began)
    check_log_target(log, setup.corpus.place)
    with no_empty_folder(out):
        prepare_folder(out, setup.sizes_of_files())
        with held_log(log) as of_log, RunLock(out) as lock:
            with around.shield():
                remove_leftovers(out, log)
                notes += [*make_room(out), *lock.notes, *of_log]
            sinks = Sinks(setup, Gathering(), anew=True)
            yield from _go(around, setup, Saver(out, lock, around), sinks, notes)


def _planned(new: NewRun, around: Around, began: float) -> tuple[Setup, list[str]]:
    """The run at its first step, and notes: its text is read, and what was left open is chosen.

    The time since `began` is spent of a budget.
    """
    asked, words = new.request, new.start.text if new.start else None
    place = place_of_files(Place(asked.corpus, asked.encoding))
    corpus = load_corpus(
        place,
        asked.text,
        tokenizer=words.tokenizer if words else None,
        vocabulary=words.vocabulary if words else None,
        threads=asked.threads,
        stages=around.stages,
    )
    with nullcontext() if words is None else of_another_text(place, asked.init_from):
        config, choices = chosen(asked, corpus, around.clock() - began, around.ranks)
        _ = corpus.tokens  # of all splits
    notes = [
        *copy_notes(asked.corpus, place),
        *place.notes,
        *around.ranks.notes,
        *choices,
        *validation_notes(config, len(corpus.ids("valid"))),
        *start_notes(new, corpus),
    ]
    corpus = with_ids_for(config, corpus)
    return build(config, corpus, around, spent=around.clock() - began), notes


def resume(out: Path, given: dict[str, Any], around: Around = UNATTENDED) -> Generator[Event]:
    """Go on with the run whose state lies beside `out`.

    `given` holds settings that the user named, as for RunRequest.of: more `epochs`,
    `steps`, `budget` or `patience` lengthen the run, `save_every` and `log` are free, `corpus` is
    any path to its text, any other difference is refused. A run that has finished is opened only
    by more of what ended it; else its files stay as they are. A newest state that is damaged or
    missing is told, and the one before it taken. Raises RnnlmError.
    """
    check_name(out, anew=False)
    check_tensorboard(given.get("tensorboard"))
    out = followed(out)
    check_begun(out)  # where there is nothing, nothing is left behind, not even a lock
    with ExitStack() as held:
        lock = held.enter_context(RunLock(out))
        yield from _go(around, *_taken_up(out, given, around, lock, held))


def _taken_up(
    out: Path, given: dict[str, Any], around: Around, lock: RunLock, held: ExitStack
) -> tuple[Setup, Saver, Sinks, list[str]]:
    """The run where its newest state is, and its files as that knows them; and notes.

    Beside its `lock` that of its log is `held`.
    """
    found = find_state(out)
    config = resumed_config(found, out, given)
    model = find_model(found, out)
    corpus = with_ids_for(config, _same_corpus(found, config, around.stages))
    setup = taken_up(config, corpus, found, around)
    check_log_target(config.log, setup.corpus.place)
    check_tensorboard_target(config.tensorboard, out, config.log)
    of_log = held.enter_context(held_log(config.log))
    notes = _notes_of(found, setup, around)
    with around.shield():
        remove_leftovers(out, config.log)
        if model is None:
            notes += go_without_model(setup)
        notes += [*lock.notes, *of_log]
        make_newest(found, out)
        complete = model is not None and model.is_complete(len(setup.history))
        sinks = reopened(setup, found.resume, complete=complete)
    step, kept = setup.trainer.counters.step, model.best_nats if model else None
    return setup, Saver(out, lock, around, saved_step=step, kept_nats=kept), sinks, notes


def _notes_of(found: SavedState, setup: Setup, around: Around) -> list[str]:
    """What is not as the run has left it."""
    return [
        *around.ranks.notes,
        *found.notes,
        *not_bit_exact(found, setup),
        *found.text.notes,
        *validation_notes(setup.config, len(setup.corpus.ids("valid"))),
    ]


def _same_corpus(saved: SavedState, config: RunPlan, stages: Bars) -> Corpus:
    """The text that the state `saved` was trained on. Raises CorpusError if it is not here."""
    load = partial(
        load_corpus,
        config=config.text,
        tokenizer=saved.text.tokenizer,
        vocabulary=saved.text.vocabulary if config.init_from else None,
        sha256=saved.text.sha256,
        threads=config.threads,
        stages=stages,
    )
    advice = Advice("name it with --corpus", "name that text with --corpus")
    asked = place_of_files(Place(config.corpus, config.encoding))
    given = None if asked.names == saved.text.place.names else [asked]
    record = replace(saved.text, encoding=asked.encoding)  # the files may be other ones since
    return own_corpus(record, saved.path, load, advice, given, resume=saved.resume)


def _go(
    around: Around, setup: Setup, saver: Saver, sinks: Sinks, notes: list[str]
) -> Iterator[Event]:
    validations, samples = Validations(setup), Samples(setup, around.sample_every)
    run = ActiveRun(setup, saver, sinks, validations, samples, around)
    with closing(sinks):
        yield RunStarted(
            setup.config,
            setup.corpus,
            setup.model,
            setup.record.id,
            list(setup.history),
            notes,
            setup.trainer.seconds,
        )
        yield from _carry_on(run)


def _carry_on(run: ActiveRun) -> Iterator[Event]:
    """Train, save as it goes, and end with RunStopped or RunFinished."""
    config, trainer = run.setup.config, run.setup.trainer
    stop, clock = run.around.stop, run.around.clock
    already, saved_at = trainer.counters.finished, clock()
    for report in trainer.run(stop):
        told = run.tell(report)
        if isinstance(report, EpochReport):
            saved_at = clock()
        yield from told
        if stop() and not trainer.counters.finished:
            break
        if clock() - saved_at >= config.save_every:
            yield from run.try_to_save()
            saved_at = clock()
    yield from finish(run, already) if trainer.counters.finished else stop_here(run)
