"""One training run from a text to a checkpoint: what the CLI and a Python user both call.

    for event in train(RunConfig.from_preset("book", corpus="ptb")):
        ...  # RunStarted, then StepReport and EpochReport as they come, then RunFinished

A run owns two files: `NAME.pkl`, the best model, and `NAME.last.pkl`, the newest state, from which
`resume` goes on as if nothing had happened.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from rnnlm_cli.checkpoint import Checkpoint, TextRecord, load_checkpoint, save_checkpoint
from rnnlm_cli.config import Protocol, RunConfig
from rnnlm_cli.corpus.corpus import Corpus, load_corpus
from rnnlm_cli.errors import CheckpointError, CorpusError, TrainingDiverged, in_file, quoted
from rnnlm_cli.evaluation import Evaluation, evaluate
from rnnlm_cli.footprint import check_training
from rnnlm_cli.model import LanguageModel
from rnnlm_cli.reports import EpochReport, TrainerState
from rnnlm_cli.runs.events import Event, RunFinished, RunStarted, RunStopped
from rnnlm_cli.runs.files import check_same_run, make_room, prepare_folder, state_path
from rnnlm_cli.runs.log import check_log, finite, logged
from rnnlm_cli.runs.settings import resumed_config
from rnnlm_cli.trainer import Clock, Trainer


@dataclass
class _Run:
    """A run under way: its parts, and how they are saved."""

    config: RunConfig
    corpus: Corpus
    model: LanguageModel
    trainer: Trainer
    run_id: str
    history: list[dict[str, Any]] = field(default_factory=list)
    epoch_timings: list[dict[str, Any]] = field(default_factory=list)

    def snapshot(self, state: TrainerState | None = None) -> Checkpoint:
        """The model as it is now; with the trainer's `state`, one to go on from."""
        return Checkpoint(
            vocab_size=self.model.vocab_size,
            model=self.config.model,
            params=self.model.params,
            text=TextRecord.of(self.corpus, self.config.text),
            run={
                "id": self.run_id,
                "preset": self.config.preset,
                "train": asdict(self.config.train),
            },
            history=self.history,
            timings={"epochs": self.epoch_timings} | ({"run": state.timings} if state else {}),
            numbers=state.numbers if state else {},
            arrays=state.arrays if state else {},
        )

    def save_state(self) -> Path:
        path = state_path(self.config.out)
        save_checkpoint(path, self.snapshot(self.trainer.capture()))
        return path

    def end_epoch(self, report: EpochReport) -> None:
        """Note the epoch and save what it earned."""
        row = asdict(report)
        timings = {key: row.pop(key) for key in ("words_per_second", "seconds")}
        self.history.append({key: finite(value) for key, value in row.items()})
        self.epoch_timings.append(timings)
        if report.is_best or self.config.train.keep == "last":
            save_checkpoint(self.config.out, self.snapshot())
        self.save_state()


def run_identity(corpus: Corpus, config: RunConfig) -> str:
    """12 hex digits over the text and all settings but the length: equal ids, equal runs."""
    train = replace(config.train, epochs=None, budget=None)
    settings = [corpus.sha256, asdict(config.text), asdict(config.model), asdict(train)]
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:12]


def _build(config: RunConfig, corpus: Corpus, clock: Clock) -> _Run:
    """A run at its first step; `config` is fitted to the corpus."""
    check_training(len(corpus.vocabulary), sum(map(len, corpus.splits.values())), config)
    if config.model.head_size:
        corpus = corpus.by_frequency()
    model_rng, reset_rng = np.random.default_rng(config.train.seed).spawn(2)
    model = LanguageModel(
        len(corpus.vocabulary), config.model, rng=model_rng, threads=config.threads
    )
    try:
        trainer = Trainer(
            model,
            corpus.ids("train"),
            corpus.ids("valid"),
            config.train,
            eos_id=corpus.vocabulary.eos_id,
            rng=reset_rng,
            clock=clock,
        )
    except CorpusError as error:
        raise CorpusError(f"{quoted(corpus.name)}: {error}") from None
    return _Run(config, corpus, model, trainer, run_identity(corpus, config))


def train(
    config: RunConfig,
    *,
    stop: Callable[[], bool] = lambda: False,
    clock: Clock = time.perf_counter,
    progress: bool = False,
) -> Iterator[Event]:
    """Train a new model as `config` says, yielding events.

    `stop` is asked after every step; when it says yes, the state is saved and RunStopped is the
    last event. `progress` shows a bar for downloads. Raises RnnlmError.
    """
    corpus = load_corpus(config.corpus, config.text, progress=progress)
    fitted = config.fitted_to(len(corpus.ids("train")), len(corpus.vocabulary))
    notes = _choices(config, fitted, corpus)
    config = replace(fitted, text=replace(config.text, unit=corpus.unit))
    run = _build(config, corpus, clock)
    prepare_folder(config.out)
    check_log(config.log)
    notes += make_room(config.out)
    yield RunStarted(config, run.corpus, run.model, run.run_id, [], notes)
    yield from logged(_carry_on(run, stop, clock), config.log, run.run_id, anew=True)


def _choices(asked: RunConfig, fitted: RunConfig, corpus: Corpus) -> list[str]:
    before = asdict(asked.model) | asdict(asked.train)
    after = asdict(fitted.model) | asdict(fitted.train)
    chosen = [f"{k.replace('_', ' ')} {v}" for k, v in after.items() if before[k] != v and v]
    tokens = f"{len(corpus.ids('train')):,} training tokens"
    return [f"chosen for {tokens}: {', '.join(chosen)}"] if chosen else []


def resume(
    out: Path,
    given: dict[str, Any],
    *,
    stop: Callable[[], bool] = lambda: False,
    clock: Clock = time.perf_counter,
    progress: bool = False,
) -> Iterator[Event]:
    """Go on with the run whose state lies beside `out`.

    `given` holds settings that the user named, as for RunConfig.from_preset: more `epochs` or a
    larger `budget` extend the run, `save_every` and `log` are free, any other difference is
    refused. Raises RnnlmError.
    """
    path = state_path(out)
    if not os.path.exists(path):
        raise CheckpointError(f"{quoted(path)} is not there: no run to resume, leave --resume out")
    saved = load_checkpoint(path)
    config = resumed_config(saved, out, dict(given), path)
    check_same_run(saved, path, out)
    assert saved.text is not None
    corpus = load_corpus(config.corpus, config.text, progress=progress)
    if corpus.sha256 != saved.text.sha256:
        raise CheckpointError(
            f"{quoted(config.corpus)} is not the text that {path} was trained on (SHA-256 differs)"
        )
    run = _build(config, corpus, clock)
    run.run_id = saved.run["id"]
    with in_file(path):
        run.model.assign(saved.params)
        run.trainer.restore(TrainerState(saved.numbers, saved.timings["run"], saved.arrays))
    run.history, run.epoch_timings = saved.history, saved.timings["epochs"]
    rows = [row | timing for row, timing in zip(run.history, run.epoch_timings, strict=True)]
    yield RunStarted(config, run.corpus, run.model, run.run_id, rows, [])
    yield from logged(_carry_on(run, stop, clock), config.log, run.run_id, anew=False)


def _carry_on(run: _Run, stop: Callable[[], bool], clock: Clock) -> Iterator[Event]:
    """Train, save as it goes, and end with RunStopped or RunFinished."""
    already = run.trainer.counters.finished
    saved_at = clock()
    for report in run.trainer.run():
        if isinstance(report, EpochReport):
            run.end_epoch(report)
            saved_at = clock()
        yield report
        if stop() and not run.trainer.counters.finished:
            yield RunStopped(run.save_state(), run.trainer.seconds)
            return
        if clock() - saved_at >= run.config.save_every:
            run.save_state()
            saved_at = clock()
    yield _finish(run, already)


def _finish(run: _Run, already: bool) -> RunFinished:
    """Score the kept model on the test split and complete its file."""
    path, seconds = run.config.out, run.trainer.seconds
    if math.isinf(run.trainer.counters.best_nats):
        raise TrainingDiverged(
            "no epoch had a finite validation perplexity, so no model was kept: "
            "start again with a smaller --lr"
        )
    kept = load_checkpoint(path)
    if already and "test_perplexity" in kept.run:  # else the run was killed just before its end
        return RunFinished(path, kept, [], seconds, already)
    with in_file(path):
        run.model.assign(kept.params)  # the last weights are in the saved state
    tests = _test(run.model, run.corpus, run.config.train.protocol)
    results = {test.protocol: finite(test.perplexity) for test in tests}
    complete = replace(
        kept,
        run=kept.run | {"test_perplexity": results},
        history=run.history,
        timings={"epochs": run.epoch_timings, "seconds": seconds},
    )
    save_checkpoint(path, complete)
    return RunFinished(path, complete, tests, seconds)


def _test(model: LanguageModel, corpus: Corpus, validated: Protocol) -> list[Evaluation]:
    """Score the test split as a stream, and as the book does where it also validated so."""
    protocols: list[Protocol] = ["stream", "book"] if validated == "book" else ["stream"]
    vocabulary, ids = corpus.vocabulary, corpus.ids("test")
    return [
        evaluate(
            model,
            ids,
            eos_id=vocabulary.eos_id,
            unk_id=vocabulary.unk_id,
            protocol=protocol,
        )
        for protocol in protocols
    ]
