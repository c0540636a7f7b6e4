"""A run of several ranks: how the first one gathers the others, and what those do at its orders.

    rank 0     lead(trainer), then trainer.run()
    others     follow(ranks)

After an order both sides make the same calls: here, or of the same method of their learners.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from rnnlm_cli.arrays import Ids
from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.errors import CheckpointError, TrainingDiverged
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.model.sizes import ModelSizes
from rnnlm_cli.scoring.evaluation import Evaluation, evaluate_watched
from rnnlm_cli.scoring.streaming import Watch
from rnnlm_cli.settings.train import Protocol, TrainConfig
from rnnlm_cli.training.learner import Learner
from rnnlm_cli.training.ranks import Heard, Order, Ranks
from rnnlm_cli.training.state import TrainerState
from rnnlm_cli.training.trainer import Trainer
from rnnlm_cli.watching import Stop, never

_NO_IDS: Ids = np.empty(0, np.int32)
_NO_TEXT = EncodedText(_NO_IDS, None)


@dataclass(frozen=True, slots=True)
class _Task:
    """What a rank needs to begin, beside the texts."""

    model: ModelSizes
    train: TrainConfig
    state: TrainerState


def lead(trainer: Trainer) -> None:
    """Let all other ranks have a learner like that of `trainer`, which is at its first step."""
    learner = trainer.learner
    ranks, model = learner.ranks, learner.model
    if ranks.size == 1:
        return
    ranks.order(Order.TRAIN)
    ranks.broadcast(_Task(model.sizes, trainer.config, trainer.capture()))
    ranks.broadcast_ids(learner.streams.ids)
    _broadcast_text(ranks, learner.valid)


def _joined(ranks: Ranks) -> Learner:
    """The learner of a rank that follows: weights and noise come from rank 0."""
    task: _Task = ranks.received()
    V, config = task.model.vocab_size, task.model.config
    model = LanguageModel(V, config, threads=ranks.threads, drawn=False)
    rng = np.random.default_rng()
    ids, valid = ranks.broadcast_ids(_NO_IDS), _broadcast_text(ranks, _NO_TEXT)
    learner = Learner(model, ids, valid, task.train, rng=rng, ranks=ranks)
    learner.take_up(task.state)
    return learner


def _broadcast_text(ranks: Ranks, text: EncodedText) -> EncodedText:
    without = ranks.broadcast(replace(text, ids=_NO_IDS))
    return replace(without, ids=ranks.broadcast_ids(text.ids))


def scored_together(
    stop: Stop, trainer: Trainer, text: EncodedText, *, protocol: Protocol
) -> Evaluation | None:
    """`text` as the model of rank 0 scores it, by all ranks; None if it is stopped."""
    ranks, learner = trainer.ranks, trainer.learner
    if ranks.size == 1:
        return evaluate_watched(Watch(stop=stop), learner.model, text, protocol=protocol)
    ranks.order(Order.SCORE)
    ranks.broadcast(protocol)
    _broadcast_text(ranks, text)
    return _scored(stop, learner, text, protocol)


def _scored(
    stop: Stop, learner: Learner, text: EncodedText, protocol: Protocol
) -> Evaluation | None:
    """The part of this rank."""
    learner.ranks.broadcast_into(learner.model.flat_params)
    watch = Watch(stop=stop, shared=learner.ranks)
    return evaluate_watched(watch, learner.model, text, protocol=protocol)


def follow(ranks: Ranks) -> None:
    """Do what rank 0 orders, to the end. What rank 0 raises too, it tells."""
    learner: Learner | None = None
    while (heard := ranks.heard()).order is not Order.END:
        if heard.order is Order.TRAIN:
            learner = None  # its memory first
            learner = _joined(ranks)
        elif heard.order is Order.EXCHANGE:
            ranks.allreduce(np.zeros(int(heard.first), np.float32))
        else:
            assert learner is not None, "an order before there is something to learn"
            with suppress(TrainingDiverged, CheckpointError):
                _obey(heard, learner)


def _obey(heard: Heard, learner: Learner) -> None:
    match heard.order:
        case Order.LEARN:
            learner.learn(heard.first, averages=bool(heard.second))
        case Order.BEGIN_EPOCH:
            learner.begin_epoch()
        case Order.VALIDATE:
            learner.validate()
        case Order.TELL_STATES:
            learner.states()
        case Order.TAKE_PARAMETERS:
            learner.take_parameters()
        case Order.RESTORE:
            learner.restore(None)
        case Order.SCORE:
            protocol: Protocol = learner.ranks.received()
            text = _broadcast_text(learner.ranks, _NO_TEXT)
            _scored(never, learner, text, protocol)
