"""Dropout in all its forms: what is dropped, for how long, and that the gradients know."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.arrays import Floats
from rnnlm_cli.model.layers import LSTMState, TimeDropout, TimeEmbedding, TimeLSTM
from tests.model.gradcheck import assert_gradient

N, T, D, H, V = 2, 3, 4, 5, 7


def seeded(layer: Any, run: Callable[[], float]) -> Callable[[], float]:
    """`run` with the layer's generator as it is now: the same masks at every call."""
    state = layer.rng.bit_generator.state

    def again() -> float:
        layer.rng.bit_generator.state = state
        return run()

    return again


def numbers(*shape: int) -> Floats:
    return np.random.default_rng(1).standard_normal(shape)


def lstm(**noise: Any) -> TimeLSTM:
    rng = np.random.default_rng(0)
    Wx, Wh, b = (rng.standard_normal(shape) for shape in ((D, 4 * H), (H, 4 * H), (4 * H,)))
    return TimeLSTM(Wx, Wh, b, stateful=True, rng=np.random.default_rng(3), **noise)


def test_a_locked_mask_is_the_same_at_every_step_and_another_for_every_stream() -> None:
    layer = TimeDropout(0.5, np.random.default_rng(0), locked=True)
    ys = layer.forward(np.ones((N, T, 40)))
    np.testing.assert_array_equal(ys, np.repeat(ys[:, :1], T, axis=1))
    assert not np.array_equal(ys[0], ys[1])
    assert not np.array_equal(layer.forward(np.ones((N, T, 40))), ys)


@pytest.mark.parametrize("locked", [False, True])
def test_the_gradient_of_dropout(locked: bool) -> None:
    layer = TimeDropout(0.4, np.random.default_rng(0), locked=locked)
    xs, dys = numbers(N, T, D), numbers(N, T, D)[::-1]
    loss = seeded(layer, lambda: float((layer.forward(xs) * dys).sum()))
    loss()
    assert_gradient(loss, xs, layer.backward(dys))


def test_a_dropped_word_is_missing_at_all_its_places() -> None:
    layer = TimeEmbedding(np.ones((40, D)), dropout=0.5, rng=np.random.default_rng(0))
    xs = layer.forward(np.array([range(40), range(39, -1, -1)]))
    np.testing.assert_array_equal(xs[0], xs[1, ::-1])
    assert set(np.unique(xs)) == {0.0, 2.0}
    assert (layer.forward(np.array([[0, 1]]), train_flg=False) == 1).all()


@pytest.mark.parametrize("tied", [False, True])
def test_the_gradient_of_words_that_may_be_dropped(tied: bool) -> None:
    rng = np.random.default_rng(0)
    layer = TimeEmbedding(numbers(V, D), tied=tied, dropout=0.4, rng=rng)
    ids, dxs = np.array([[1, 1, 5], [5, 3, 0]]), numbers(N, T, D)
    loss = seeded(layer, lambda: float((layer.forward(ids) * dxs).sum()))
    loss()
    layer.backward(dxs)
    assert_gradient(loss, layer.params["W"], layer.grads["W"])


@pytest.mark.parametrize(
    "noise", [{"dropout": 0.4}, {"weight_drop": 0.4}, {"dropout": 0.3, "weight_drop": 0.3}], ids=str
)
def test_gradients_through_a_recurrence_with_noise(noise: dict[str, float]) -> None:
    layer, xs, dhs = lstm(**noise), numbers(N, T, D), numbers(N, T, H)
    state = LSTMState(numbers(N, H), numbers(N, H)[::-1])

    def run() -> float:
        layer.state = state
        return float((layer.forward(xs) * dhs).sum())

    loss = seeded(layer, run)
    loss()
    dxs = layer.backward(dhs)
    assert_gradient(loss, xs, dxs)
    for name, gradient in layer.grads.items():
        assert_gradient(loss, layer.params[name], gradient)


def test_what_is_dropped_of_h_does_not_reach_the_next_step() -> None:
    xs, h, c = numbers(1, 2, D), numbers(1, H), numbers(1, H)
    layer, again = lstm(dropout=0.4), lstm(dropout=0.4)
    layer.state = LSTMState(h, c)
    hs = layer.forward(xs)
    assert layer._mask is not None
    lost = layer._mask[:, 0] == 0
    assert 0 < lost.sum() < H
    again.state = LSTMState(np.where(lost, 9.0, h), c)
    np.testing.assert_array_equal(again.forward(xs), hs)


@pytest.mark.parametrize("noise", ["dropout", "weight_drop"])
def test_a_recurrence_outside_training_is_without_noise(noise: str) -> None:
    layer, xs = lstm(**{noise: 0.5}), numbers(N, T, D)
    noisy = layer.forward(xs)
    layer.reset_state()
    np.testing.assert_array_equal(layer.forward(xs, train_flg=False), lstm().forward(xs))
    assert not np.array_equal(noisy, lstm().forward(xs))
