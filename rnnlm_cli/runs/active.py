"""A run under way: its parts, what it looks like on the disk, and how it is saved."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from rnnlm_cli.checkpoint.checkpoint import Checkpoint, array_hash, file_size, libraries
from rnnlm_cli.corpus.loading import Corpus
from rnnlm_cli.corpus.record import TextRecord
from rnnlm_cli.errors import CheckpointError, CorpusError, in_file, quoted
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.model.sizes import lstm_sizes
from rnnlm_cli.runs.events import SaveFailed
from rnnlm_cli.runs.log import RunLog, finite
from rnnlm_cli.runs.saving import Saver
from rnnlm_cli.settings.run import RunConfig
from rnnlm_cli.stopping import Stop
from rnnlm_cli.training.pace import LIMITS, Clock, Limit
from rnnlm_cli.training.peak import check_training
from rnnlm_cli.training.reports import TIMED, EpochReport
from rnnlm_cli.training.state import TrainerState
from rnnlm_cli.training.trainer import Trainer

_EPOCH_BYTES, _MANY_EPOCHS = 600, 100  # of an epoch in the history; where their number is open


@dataclass
class ActiveRun:
    """A run under way; `saver` and `log` are there once it holds its lock."""

    config: RunConfig
    corpus: Corpus
    model: LanguageModel
    trainer: Trainer
    run_id: str
    start_sha256: str | None  # of the parameters that it began with, if they were given
    stop: Stop
    clock: Clock
    history: list[dict[str, Any]] = field(default_factory=list)
    epoch_timings: list[dict[str, Any]] = field(default_factory=list)
    lengthened: list[Limit] = field(default_factory=list)  # by this resume
    saver: Saver = field(init=False)
    log: RunLog = field(init=False)

    @property
    def limits(self) -> tuple[Limit, ...]:
        """Of a run that has finished: the settings of which it needs more to go on."""
        used_up = self.trainer.pace.used_up
        return tuple(x for x in LIMITS if x in used_up or x in self.lengthened) or ("budget",)

    def sizes_of_files(self) -> list[int]:
        """The files of a run at its highest point, in bytes: a model and three states, and a model.

        While a state is written as a temporary file, the newest one and the one before it are
        there; so they are while a new model is written beside the old one.
        """
        units = sum(units for _, units in lstm_sizes(self.config.model))
        lstm_states = 2 * 4 * self.trainer.batch_size * units  # h and c, which are not there yet
        model, state = map(file_size, (self.snapshot(), self.snapshot(self.trainer.capture())))
        history = _EPOCH_BYTES * (self.config.train.epochs or _MANY_EPOCHS)
        return [size + history for size in (model, model, *[state + lstm_states] * 3)]

    def snapshot(self, state: TrainerState | None = None) -> Checkpoint:
        """The model to keep; with the trainer's `state`, one to go on from."""
        params = self.model.params
        if state is None and self.trainer.counters.averaged:
            with self.trainer.kept_weights():
                params = [array.copy() for array in params]
        return Checkpoint(
            vocab_size=self.model.vocab_size,
            model=self.config.model,
            params=params,
            text=TextRecord.of(self.corpus, self.config.text),
            run={
                "id": self.run_id,
                "preset": self.config.preset,
                "train": asdict(self.config.train),
                "init_from": self.config.init_from.name if self.config.init_from else None,
                "init_sha256": self.start_sha256,
            },
            history=list(self.history),
            timings={"epochs": list(self.epoch_timings)}
            | ({"run": state.timings} if state else {}),
            numbers=state.numbers if state else {},
            arrays=state.arrays if state else {},
            libraries=libraries(self.model.cores.threads),
        )

    def state(self) -> Checkpoint:
        """The newest state."""
        state = self.snapshot(self.trainer.capture())
        state.timings["line"] = asdict(self.log.timings)
        if self.corpus.path is not None:
            state.timings["corpus_path"] = str(self.corpus.path)
        return replace(state, line=replace(self.log.line))

    def end_epoch(self, report: EpochReport) -> Iterator[SaveFailed]:
        """Note the epoch and save what it earned."""
        row = asdict(report)
        timings = {key: row.pop(key) for key in sorted(TIMED)}
        self.history.append({key: finite(value) for key, value in row.items()})
        self.epoch_timings.append(timings)
        yield from self.try_to_save(self.snapshot() if self._is_to_keep(report) else None)

    def _is_to_keep(self, report: EpochReport) -> bool:
        if self.config.train.keep == "last":
            return True
        # Epochs that a resume repeats can differ from those of the kept model, on other threads or
        # under a budget: what is worse than the model on the disk does not replace it.
        kept = self.saver.kept_nats
        return report.is_best and (kept is None or report.valid_nats <= kept)

    def try_to_save(self, model: Checkpoint | None = None) -> Iterator[SaveFailed]:
        """Save the state, and `model` if there is a better one; a failure is told."""
        try:
            self.saver.save(self.state(), model)
        except CheckpointError as error:
            yield SaveFailed(str(error))


def run_identity(corpus: Corpus, config: RunConfig, start_sha256: str | None = None) -> str:
    """12 hex digits over text, start and all settings but the length: equal ids, equal runs."""
    train = replace(config.train, epochs=None, steps=None, budget=None)
    settings = [corpus.sha256, asdict(config.text), asdict(config.model), asdict(train)]
    if start_sha256 is not None:
        settings.append(start_sha256)
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:12]


def build(
    config: RunConfig,
    corpus: Corpus,
    stop: Callable[[], bool] = lambda: False,
    clock: Clock = time.perf_counter,
    *,
    start: Checkpoint | None = None,
    spent: float = 0.0,
) -> ActiveRun:
    """A run at its first step; `config` is fitted to the corpus.

    The weights are those of `start`, if it is given; of a budget, `spent` seconds are gone.
    """
    check_training(len(corpus.vocabulary), sum(map(len, corpus.splits.values())), config)
    if config.model.head_size and config.init_from is None:  # else the words have their order
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
            spent=spent,
        )
    except CorpusError as error:
        raise CorpusError(f"{quoted(corpus.name)}: {error}") from None
    if start is not None and config.init_from is not None:
        with in_file(config.init_from):
            model.assign(start.params)
    start_sha256 = array_hash(start.params) if start else None
    run_id = run_identity(corpus, config, start_sha256)
    return ActiveRun(config, corpus, model, trainer, run_id, start_sha256, stop, clock)
