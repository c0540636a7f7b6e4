"""Several ranks train the model that one process trains."""

from __future__ import annotations

from dataclasses import replace
from itertools import count, islice
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.arrays import Floats
from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.errors import ConfigError, TrainingDiverged
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.train import Protocol, TrainConfig
from rnnlm_cli.training import together
from rnnlm_cli.training.learner import Learner
from rnnlm_cli.training.ranks import ALONE, Order, Ranks
from rnnlm_cli.training.reports import EpochReport, StepReport
from rnnlm_cli.training.state import TrainerState
from rnnlm_cli.training.together import lead, scored_together
from rnnlm_cli.training.trainer import Trainer
from rnnlm_cli.watching import never
from tests.training.threaded import ThreadedRanks, led

V, STREAMS = 17, 8
TEXT = np.random.default_rng(0).integers(0, V, 8 * 60 + 1).astype(np.int32)
VALID = EncodedText(TEXT[:299], eos_id=2)
EVERYTHING = {
    "wordvec_size": 6,
    "hidden_size": 6,
    "layers": 2,
    "dropout": 0.3,
    "dropout_hidden": 0.2,
    "weight_drop": 0.2,
    "word_dropout": 0.1,
    "head_size": 5,
    "ar": 1.0,
    "tar": 1.0,
}
CONFIG = TrainConfig(
    batch_size=STREAMS,
    time_size=5,
    epochs=5,
    lr=0.5,
    optimizer="sgd",  # Adam divides by the root of what may be rounding alone
    reset_probability=0.2,
    average=0.5,
    random_offsets=True,
)


def make(ranks: Ranks = ALONE, config: TrainConfig = CONFIG, **model: Any) -> Trainer:
    settings = ModelConfig(**{**EVERYTHING, **model})
    trainer = Trainer(
        LanguageModel(V, settings, rng=np.random.default_rng(1), threads=1),
        TEXT,
        VALID,
        config,
        rng=np.random.default_rng(2),
        clock=count().__next__,
        ranks=ranks,
    )
    lead(trainer)
    return trainer


def weights(trainer: Trainer, steps: int | None = None) -> Floats:
    list(islice(trainer.run(), steps))
    return trainer.model.flat_params.copy()


@pytest.mark.parametrize(("size", "locked"), [(2, True), (3, False), (4, False)])
def test_ranks_end_with_the_weights_of_one_process(size: int, locked: bool) -> None:
    """All noise on, and shares that are not equal where there are three."""
    alone = make(locked=locked)
    expected = weights(alone)
    assert alone.counters.step > 50
    found, best = led(
        size,
        lambda ranks: (
            weights(trainer := make(ranks, locked=locked)),
            trainer.counters.best_nats,
        ),
    )
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    assert best == pytest.approx(alone.counters.best_nats, rel=1e-5)


def test_all_ranks_have_the_same_weights_to_the_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    joined, others = together._joined, list[Learner]()

    def joining(ranks: Ranks) -> Learner:
        others.append(joined(ranks))
        return others[-1]

    monkeypatch.setattr(together, "_joined", joining)
    mine = led(3, lambda ranks: weights(make(ranks), 20))
    assert len(others) == 2
    for other in others:
        np.testing.assert_array_equal(other.model.flat_params, mine)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_state_is_of_all_streams_and_goes_on_with_any_number_of_ranks(size: int) -> None:
    expected = weights(make())

    def stopped(ranks: ThreadedRanks) -> tuple[Floats, TrainerState]:
        trainer = make(ranks)
        return weights(trainer, 17), trainer.capture()

    before, state = led(2, stopped)
    assert state.arrays["lstm1.h"].shape == (STREAMS, 6)

    def resumed(ranks: Ranks) -> Floats:
        trainer = make(ranks)
        trainer.model.flat_params[...] = before
        trainer.restore(state)
        return weights(trainer)

    found = resumed(ALONE) if size == 1 else led(size, resumed)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_all_ranks_begin_the_average_of_a_longer_run_anew() -> None:
    first = make()
    before, state = weights(first, 43), first.capture()
    assert state.counters.averaged > 0

    def longer(ranks: Ranks) -> list[float]:
        trainer = make(ranks, replace(CONFIG, epochs=8))
        trainer.model.flat_params[...] = before
        trainer.restore(state, lengthened=True)
        return [each.valid_nats for each in trainer.run() if isinstance(each, EpochReport)]

    np.testing.assert_allclose(led(2, longer), longer(ALONE), rtol=1e-5)


def test_a_resumed_run_of_as_many_ranks_repeats_to_the_bit() -> None:
    def straight(ranks: ThreadedRanks) -> Floats:
        return weights(make(ranks))

    def in_two(ranks: ThreadedRanks) -> Floats:
        first = make(ranks)
        before, state = weights(first, 30), first.capture()
        second = make(ranks)
        second.model.flat_params[...] = before
        second.restore(state)
        return weights(second)

    np.testing.assert_array_equal(led(2, in_two), led(2, straight))


@pytest.mark.parametrize("protocol", ["stream", "parallel"])
def test_a_text_is_scored_by_all_as_by_one_to_the_bit(protocol: Protocol) -> None:
    text = EncodedText(np.tile(TEXT, 3), eos_id=2)
    config = replace(CONFIG, protocol=protocol)
    alone = make(config=config)
    expected = scored_together(never, alone, text, protocol=protocol)

    def scored(ranks: ThreadedRanks) -> Any:
        trainer = make(ranks, config)
        return scored_together(never, trainer, text, protocol=protocol)

    found = led(3, scored)
    assert expected is not None
    np.testing.assert_array_equal(found.nats, expected.nats)
    assert found.perplexity == expected.perplexity


def test_a_scoring_that_is_given_up_leaves_all_ranks_waiting_for_orders() -> None:
    def given_up(ranks: ThreadedRanks) -> tuple[object, object]:
        trainer = make(ranks)
        reports = list(trainer.run(stop=lambda: True))
        assert isinstance(reports[-1], StepReport)
        valid = trainer.learner.validate()
        return scored_together(lambda: True, trainer, VALID, protocol="stream"), valid

    scored, valid = led(2, given_up)
    assert scored is None
    assert valid is not None


def test_a_run_that_diverges_ends_on_rank_0_alone() -> None:
    def diverged(ranks: ThreadedRanks) -> str:
        trainer = make(ranks)
        run = trainer.run()
        next(run)
        trainer.model.params[-1][0] = np.nan
        with pytest.raises(TrainingDiverged) as caught:
            list(run)
        return str(caught.value)

    assert "step 2: loss nan" in led(2, diverged)


def test_rank_0_validates_and_begins_epochs_for_all() -> None:
    def orders(ranks: ThreadedRanks) -> tuple[list[Order], list[EpochReport]]:
        trainer = make(ranks, replace(CONFIG, epochs=2))
        reports = [each for each in trainer.run() if isinstance(each, EpochReport)]
        return ranks.orders, reports

    given, reports = led(2, orders)
    steps = [Order.LEARN] * (len(TEXT) // (STREAMS * 5))
    assert given == [
        *(Order.TRAIN, Order.TAKE_PARAMETERS),
        *(*steps, Order.VALIDATE, Order.BEGIN_EPOCH),
        *(*steps, Order.VALIDATE),
        Order.END,
    ]
    assert len(reports) == 2


def test_more_ranks_than_streams_are_refused() -> None:
    with pytest.raises(ConfigError, match="8 streams, too few for one on each of the 9 ranks"):
        led(1, lambda ranks: make(of_size(ranks, 9)))


def of_size(ranks: ThreadedRanks, size: int) -> ThreadedRanks:
    ranks.size = size
    return ranks
