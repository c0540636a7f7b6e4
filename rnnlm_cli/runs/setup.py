"""What a run computes with and has computed, before it writes anything and while it does."""

from __future__ import annotations

import platform
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from rnnlm_cli.__version__ import __version__
from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.checkpoint.contents import Checkpoint, Resume, RunRecord
from rnnlm_cli.checkpoint.file_sizes import header_bytes, resume_bytes
from rnnlm_cli.checkpoint.rnnlm_files import array_hash
from rnnlm_cli.corpus.loading import Corpus
from rnnlm_cli.corpus.text_record import TextRecord
from rnnlm_cli.errors import CheckpointError, CorpusError, in_file, quoted, told_of
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.runs.around import UNATTENDED, Around
from rnnlm_cli.runs.identity import run_identity
from rnnlm_cli.runs.saved_state import SavedState
from rnnlm_cli.scoring.evaluation import scorable
from rnnlm_cli.settings.run import RunPlan
from rnnlm_cli.settings.train import Protocol, TrainConfig
from rnnlm_cli.threads import blas_name
from rnnlm_cli.training.pace import LIMITS, Limit
from rnnlm_cli.training.peak import check_training
from rnnlm_cli.training.reports import EpochReport
from rnnlm_cli.training.together import lead
from rnnlm_cli.training.trainer import Trainer


@dataclass(frozen=True)  # no slots: a cached property needs a dict
class Setup:
    """A run and its parts; `history` grows with it."""

    config: RunPlan
    corpus: Corpus
    trainer: Trainer
    record: RunRecord
    history: list[EpochReport]
    lengthened: tuple[Limit, ...] = ()  # by this resume

    @property
    def model(self) -> LanguageModel:
        """The model that is trained."""
        return self.trainer.model

    @cached_property
    def text(self) -> TextRecord:
        """What is kept of the text, which is counted for it once a run."""
        return TextRecord.of(self.corpus)

    @property
    def libraries(self) -> dict[str, str]:
        """What computes, and may round otherwise in another version or on other threads."""
        threads, ranks = self.model.cores.threads, self.trainer.ranks.size
        return {
            "rnnlm": __version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
            "BLAS": blas_name(),
            "threads": str(threads) if ranks == 1 else f"{threads} in each of {ranks} ranks",
        }

    @property
    def limits(self) -> tuple[Limit, ...]:
        """Of a run that has finished: the settings of which it needs more to go on."""
        used_up = self.trainer.pace.used_up
        # Of a budget, time may be left that was kept for its last validation.
        return tuple(x for x in LIMITS if x in used_up or x in self.lengthened) or ("budget",)

    def sizes_of_files(self) -> list[int]:
        """The files of a run at its highest point, in bytes: a model and three states, and a model.

        While a state is written as a temporary file, the newest one and the one before it are
        there; so they are while a new model is written beside the old one.
        """
        corpus, trained = self.corpus, self.config.train
        known = corpus.vocabulary.words, corpus.tokenizer.merges
        params = sum(array.nbytes for array in self.model.params)
        model = params + header_bytes(*known, trained.epochs)
        state = model + self.trainer.state_bytes + resume_bytes(self.config.model.layers)
        return [model, model, *[state] * 3]

    def snapshot(self, resume: Resume | None = None) -> Checkpoint:
        """The model to keep; or one to go on from, with what it takes to `resume`."""
        params = self.model.params
        if resume is None and self.trainer.counters.averaged:
            with self.trainer.kept_weights():
                params = [array.copy() for array in params]
        return Checkpoint(
            vocab_size=self.model.vocab_size,
            model=self.config.model,
            params=params,
            text=self.text,
            run=self.record,
            history=list(self.history),
            libraries=self.libraries,
            resume=resume,
        )


def with_ids_for(config: RunPlan, corpus: Corpus) -> Corpus:
    """The corpus with the ids that the model needs: a split softmax has the frequent words first.

    A run that begins with a model has them in that model's order.
    """
    needs_order = config.model.edges and config.init_from is None
    return corpus.by_frequency() if needs_order else corpus


def build(
    config: RunPlan,
    corpus: Corpus,
    around: Around = UNATTENDED,
    *,
    spent: float = 0.0,
) -> Setup:
    """A run at its first step; `config` was planned for the corpus.

    The weights are those of the model at its `init_from`, if it has one; of a budget, `spent`
    seconds are gone.
    """
    trainer = new_trainer(config, corpus, around, spent=spent)
    start_sha256 = None
    if config.init_from is not None:
        start = load_checkpoint(config.init_from)
        with in_file(config.init_from):
            trainer.model.assign(start.params)
        start_sha256 = array_hash(start.params)
    record = RunRecord(
        id=run_identity(corpus, config, start_sha256),
        preset=config.preset,
        train=config.train,
        init_from=config.init_from.name if config.init_from else None,
        init_sha256=start_sha256,
        vocab=config.vocab.name if config.vocab else None,
    )
    return Setup(config, corpus, trainer, record, [])


def taken_up(config: RunPlan, corpus: Corpus, saved: SavedState, around: Around) -> Setup:
    """A run where the state `saved` is. Raises CheckpointError if it does not fit."""
    path, checkpoint = saved.path, saved.checkpoint
    if corpus.vocabulary.words != saved.text.words:
        raise CheckpointError(
            f"{quoted(path)} knows other words than {quoted(corpus.name)} has: it was "
            "trained on another text, or by another version of rnnlm: nothing was changed; start "
            f"a new run without --resume, or one with --init-from {quoted(path)} and "
            "another --out, which keeps its words"
        )
    trainer = new_trainer(config, corpus, around, state_bytes=checkpoint.array_bytes)
    before, now = saved.run.train, config.train
    lengthened = tuple(x for x in LIMITS if getattr(before, x) != getattr(now, x))
    with in_file(path):
        trainer.model.assign(checkpoint.params)
        trainer.restore(saved.resume.state, lengthened=bool(lengthened))
    record = replace(saved.run, train=now)
    return Setup(config, corpus, trainer, record, list(checkpoint.history), lengthened)


def tested_by(config: TrainConfig) -> list[Protocol]:
    """How a run scores the test split at its end: as a stream, and by the book if it validated so.

    That it can be is checked before the first step: see `new_trainer`.
    """
    return ["stream", "book"] if config.protocol == "book" else ["stream"]


def new_trainer(
    config: RunPlan,
    corpus: Corpus,
    around: Around,
    *,
    spent: float = 0.0,
    state_bytes: int = 0,
) -> Trainer:
    """A trainer at its first step, with a model as the seed draws it; it leads all ranks.

    A run that goes on holds a state of `state_bytes` by then. Raises CorpusError if a split is too
    short for what the run does with it, ConfigError if memory is.
    """
    words, tokens = len(corpus.vocabulary), corpus.tokens
    check_training(words, tokens, config, around.ranks, state_bytes=state_bytes)
    model_rng, reset_rng = np.random.default_rng(config.train.seed).spawn(2)
    model = LanguageModel(words, config.model, rng=model_rng, threads=config.threads)
    if config.model.unigram_bias:
        model.network.affine.begin_at(corpus.shares)
    try:
        trainer = Trainer(
            model,
            corpus.ids("train"),
            corpus.text("valid"),
            config.train,
            rng=reset_rng,
            clock=around.clock,
            spent=spent,
            ranks=around.ranks,
        )
        with told_of("the test split", "use a longer text or another --preset"):
            for protocol in tested_by(config.train):
                scorable(corpus.text("test"), protocol)
        lead(trainer)
        return trainer
    except CorpusError as error:
        raise CorpusError(f"{quoted(corpus.name)}: {error}") from None
