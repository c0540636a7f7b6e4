"""Models and training against a second implementation, and random models against differences."""

from dataclasses import replace
from itertools import islice
from typing import Any, get_args

import numpy as np
import pytest

from rnnlm_cli.arrays import Floats, Ids
from rnnlm_cli.corpus.batches import ParallelStreams
from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.model.layers import TimeAR, TimeTAR
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.train import BETA1, OptimizerName, TrainConfig
from rnnlm_cli.training.optimizers import Adam, Momentum, RMSprop
from rnnlm_cli.training.reports import StepReport
from rnnlm_cli.training.trainer import Trainer
from tests.oracle import Named, arrays_of, cold, gradients_of, loss_by_hand, slope_by_hand


def random_config(rng: np.random.Generator, V: int) -> ModelConfig:
    """Any model of few units, with noise."""
    D, layers, tied = int(rng.integers(2, 6)), int(rng.integers(1, 4)), bool(rng.random() < 0.5)
    edges = {0: (), 1: tuple(range(1, V, 2)), V - 1: (V - 1,)}
    return ModelConfig(
        wordvec_size=D,
        hidden_size=int(rng.choice([D, D + 1, 7])),
        layers=layers,
        tied=tied,
        projection=tied and bool(rng.random() < 0.5),
        skip=bool(rng.random() < 0.5),
        cluster_edges=edges[int(rng.choice([0, 1, V - 1]))],
        locked=bool(rng.random() < 0.5),
        ar=float(rng.choice([0, 0.7])),
        tar=float(rng.choice([0, 0.9])),
        dropout=float(rng.choice([0, 0.4])),
        dropout_hidden=float(rng.choice([0, 0.4])),
        word_dropout=float(rng.choice([0, 0.4])),
        weight_drop=float(rng.choice([0, 0.4])),
    )


def random_model(config: ModelConfig, V: int, dtype: type = np.float64) -> LanguageModel:
    model = LanguageModel(V, config, rng=np.random.default_rng(0), dtype=dtype, threads=1)
    model.flat_params += np.random.default_rng(1).normal(0, 0.3, model.flat_params.size)
    return model


@pytest.mark.parametrize("seed", range(12))
def test_gradients_of_random_models_are_differences_of_their_losses(seed: int) -> None:
    rng = np.random.default_rng(seed)
    V, N, T = int(rng.integers(3, 9)), int(rng.integers(1, 4)), int(rng.integers(1, 5))
    model = random_model(random_config(rng, V), V)
    xs, ts = rng.integers(0, V, (2, N, T))
    model.forward(xs, ts)
    state, at = model.state, model.flat_params.copy()
    masks = [layer.rng.bit_generator.state for layer in model.noisy]

    def loss(params: Floats) -> float:
        model.flat_params[...], model.state = params, state
        for layer, saved in zip(model.noisy, masks, strict=True):
            layer.rng.bit_generator.state = saved
        penalties = [layer for layer in model.layers if isinstance(layer, TimeAR | TimeTAR)]
        return model.forward(xs, ts) + sum(layer.penalty() for layer in penalties)

    loss(at)
    model.backward()
    gradient, step = model.flat_grads.copy(), 1e-5
    scale = np.linalg.norm(gradient)
    for _ in range(4):
        d = rng.standard_normal(at.size)
        expected = (loss(at + step * d) - loss(at - step * d)) / (2 * step)
        assert abs(gradient @ d - expected) < 1e-6 * scale


@pytest.mark.parametrize("seed", range(8))
def test_random_models_are_those_of_the_second_implementation(seed: int) -> None:
    rng, V, shape = np.random.default_rng(seed), 6, (2, 3)
    config = random_config(rng, V)
    config = replace(config, dropout=0.0, dropout_hidden=0.0, word_dropout=0.0, weight_drop=0.0)
    model = random_model(config, V)
    p, states = arrays_of(model), cold(config, arrays_of(model), 2)
    for _ in range(2):  # from cold states, then from those of the first segment
        xs, ts = rng.integers(0, V, (2, *shape))
        nats, _, ends = loss_by_hand(p, config, xs, ts, states)
        assert model.forward(xs, ts) == pytest.approx(nats, rel=1e-12)
        model.backward()
        compare_slopes(model, p, states, xs, ts, tolerance=1e-12)
        states = ends


def compare_slopes(
    model: LanguageModel, p: Named, states: Any, xs: Ids, ts: Ids, tolerance: float
) -> None:
    """Of every array along a direction of its own, relative to the longest gradient."""
    gradients, rng = gradients_of(model), np.random.default_rng(3)
    longest = max(np.linalg.norm(g) for g in gradients.values())
    for name, gradient in gradients.items():
        d = rng.standard_normal(gradient.shape)
        expected = slope_by_hand(p, {name: d}, model.config, xs, ts, states)
        assert abs(float((gradient * d).sum()) - expected) < tolerance * longest, name


@pytest.mark.parametrize("edges", [(), (1_500,), (600, 2_500, 7_000)])
@pytest.mark.parametrize("tied", [False, True])
def test_a_vocabulary_of_ten_thousand_in_float32(edges: tuple[int, ...], tied: bool) -> None:
    V, N, T = 10_000, 2, 3
    config = ModelConfig(
        wordvec_size=6, hidden_size=8, layers=2, tied=tied, projection=tied, cluster_edges=edges
    )
    model = random_model(config, V, np.float32)
    xs, ts = np.random.default_rng(2).integers(0, V, (2, N, T))
    p = arrays_of(model)
    states = cold(config, p, N)
    expected = loss_by_hand(p, config, xs, ts, states)[0]
    assert model.forward(xs, ts) == pytest.approx(expected, rel=1e-5)
    model.backward()
    compare_slopes(model, p, states, xs, ts, tolerance=1e-4)


class ByHand:
    """The optimisers by their formulas, for a gradient that is clipped already."""

    def __init__(self, config: TrainConfig, size: int) -> None:
        self.config, self.m, self.v = config, np.zeros(size), np.zeros(size)

    def stepped(self, p: Floats, g: Floats, t: int) -> Floats:
        lr, decay = self.config.lr, self.config.weight_decay
        if self.config.optimizer == "adamw":
            p = p - lr * decay * p
        else:
            g = g + decay * p
        match self.config.optimizer:
            case "sgd":
                return p - lr * g
            case "momentum":
                self.m = Momentum.momentum * self.m + g
                return p - lr * self.m
            case "rmsprop":
                self.v = RMSprop.beta * self.v + (1 - RMSprop.beta) * g**2
                return p - lr * g / (np.sqrt(self.v / (1 - RMSprop.beta**t)) + RMSprop.eps)
        beta1 = self.config.beta1
        self.m = beta1 * self.m + (1 - beta1) * g
        self.v = Adam.beta2 * self.v + (1 - Adam.beta2) * g**2
        m, v = self.m / (1 - beta1**t), self.v / (1 - Adam.beta2**t)
        return p - lr * m / (np.sqrt(v) + Adam.eps)


def gradient_by_hand(p: Named, *batch: Any) -> Floats:
    """Of every number, in the order of the arrays."""
    slopes = []
    for name, array in p.items():
        for index in np.ndindex(array.shape):
            d = np.zeros_like(array)
            d[index] = 1
            slopes.append(slope_by_hand(p, {name: d}, *batch))
    return np.array(slopes)


@pytest.mark.parametrize("optimizer", get_args(OptimizerName))
def test_training_is_that_of_the_second_implementation(optimizer: OptimizerName) -> None:
    V, N, T = 5, 2, 3
    ids = np.random.default_rng(0).integers(0, V, 40).astype(np.int32)
    config = TrainConfig(
        batch_size=N, time_size=T, epochs=1, optimizer=optimizer, lr=0.1, schedule="constant",
        max_grad=0.1, weight_decay=0.2, reset_probability=0.0,
        beta1=0.6 if optimizer == "adamw" else BETA1,
    )  # fmt: skip
    shape = ModelConfig(wordvec_size=2, hidden_size=3, ar=0.7, tar=0.9)
    model = random_model(shape, V)
    p, by_hand = arrays_of(model), ByHand(config, model.flat_params.size)
    states, streams = cold(shape, p, N), ParallelStreams(ids, N, T)
    valid = EncodedText(ids, eos_id=2)
    trainer = Trainer(model, ids, valid, config, rng=np.random.default_rng(0))
    for t, report in enumerate(islice(trainer.run(), 4), start=1):
        batch = shape, *streams.batch(T * (t - 1)), states
        gradient = gradient_by_hand(p, *batch)
        nats, _, states = loss_by_hand(p, *batch)
        assert isinstance(report, StepReport)
        assert report.nats_per_token == pytest.approx(nats, rel=1e-11)
        norm = float(np.linalg.norm(gradient))
        assert report.gradient_norm == pytest.approx(norm, rel=1e-11)
        assert norm > config.max_grad
        clipped = gradient * min(1, config.max_grad / (norm + 1e-6))
        flat = by_hand.stepped(np.concatenate([a.ravel() for a in p.values()]), clipped, t)
        ends = np.cumsum([a.size for a in p.values()])[:-1]
        parts = np.split(flat, ends)
        p = {name: part.reshape(p[name].shape) for name, part in zip(p, parts, strict=True)}
        for name, array in arrays_of(model).items():
            np.testing.assert_allclose(array, p[name], rtol=1e-9, atol=1e-12)
