from typing import Any

import numpy as np
import pytest

from rnnlm_cli.arrays import Floats
from rnnlm_cli.book import (
    TimeAffine,
    TimeDropout,
    TimeEmbedding,
    TimeLSTM,
    TimeRNN,
    TimeSoftmaxWithLoss,
)
from rnnlm_cli.model.layers import LSTMState
from rnnlm_cli.model.layers import TimeLSTM as EngineLSTM
from tests.model.gradcheck import assert_gradient

N, T, D, H, V = 2, 3, 4, 5, 7
RNG = np.random.default_rng(0)
XS, DHS = RNG.standard_normal((N, T, D)), RNG.standard_normal((N, T, H))
IDS = [[0, 3, 3], [6, 3, 1]]


def weights(seed: int, *shapes: Any) -> list[Floats]:
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(shape) for shape in shapes]


def lstm(stateful: bool = False) -> TimeLSTM:
    Wx, Wh, b = weights(1, (D, 4 * H), (H, 4 * H), 4 * H)
    return TimeLSTM(Wx, Wh, b, stateful)


def simple(stateful: bool = False) -> TimeRNN:
    Wx, Wh, b = weights(1, (D, H), (H, H), H)
    return TimeRNN(Wx, Wh, b, stateful)


def test_params_are_the_given_arrays_and_grads_are_filled_in_place() -> None:
    Wx, Wh, b = weights(1, (D, 4 * H), (H, 4 * H), 4 * H)
    layer = TimeLSTM(Wx, Wh, b)
    grads = list(layer.grads)
    layer.forward(XS)
    layer.backward(DHS)
    assert all(mine is theirs for mine, theirs in zip(layer.params, (Wx, Wh, b), strict=True))
    assert all(mine is theirs for mine, theirs in zip(layer.grads, grads, strict=True))
    assert all(grad.any() for grad in grads)


def test_an_array_put_in_the_place_of_another_is_worked_with() -> None:
    layer = TimeAffine(*weights(1, (H, V), V))
    layer.params[0] = np.zeros((H, V))
    assert np.array_equal(layer.forward(DHS)[1, 2], layer.params[1])


@pytest.mark.parametrize("make", [lstm, simple])
def test_the_state_is_that_after_the_last_step(make: Any) -> None:
    layer = make()
    hs = layer.forward(XS)
    np.testing.assert_array_equal(layer.h, hs[:, -1])
    first = hs.copy()
    np.testing.assert_array_equal(layer.forward(XS), first)  # it is not stateful
    carried = make(True)
    parts = [carried.forward(XS[:, :1]), carried.forward(XS[:, 1:])]
    np.testing.assert_allclose(np.concatenate(parts, axis=1), first, rtol=1e-12)
    carried.reset_state()
    np.testing.assert_array_equal(carried.forward(XS), first)


@pytest.mark.parametrize("make", [lstm, simple])
def test_dh_is_the_gradient_of_the_h_that_was_set(make: Any) -> None:
    layer, h = make(True), RNG.standard_normal((N, H))

    def loss() -> float:
        layer.set_state(h)
        return float((layer.forward(XS) * DHS).sum())

    loss()
    layer.backward(DHS)
    assert_gradient(loss, h, layer.dh)


def test_an_lstm_goes_on_from_h_and_c() -> None:
    layer, engine = lstm(True), EngineLSTM(*lstm().params, stateful=True)
    h, c = RNG.standard_normal((2, N, H))
    engine.state = LSTMState(h, c)
    layer.set_state(h, c)
    np.testing.assert_array_equal(layer.forward(XS), engine.forward(XS))
    engine.state = LSTMState(np.zeros((N, H)), c)
    layer.h, layer.c = None, c  # a script may set them
    np.testing.assert_array_equal(layer.forward(XS), engine.forward(XS))


@pytest.mark.parametrize("make", [lstm, simple])
def test_what_a_script_does_to_hs_changes_no_gradient(make: Any) -> None:
    layer = make()
    layer.forward(XS)
    layer.backward(DHS)
    before = [grad.copy() for grad in layer.grads]
    hs = layer.forward(XS)
    hs *= 0
    layer.h *= 0
    layer.backward(DHS)
    for grad, expected in zip(layer.grads, before, strict=True):
        np.testing.assert_array_equal(grad, expected)


def test_lists_are_taken_for_arrays() -> None:
    words, affine = TimeEmbedding(*weights(2, (V, D))), TimeAffine(*weights(1, (D, V), V))
    xs = words.forward(IDS)
    np.testing.assert_array_equal(xs, words.W[np.array(IDS)])
    np.testing.assert_array_equal(affine.forward(xs.tolist()), affine.forward(xs))
    np.testing.assert_array_equal(lstm().forward(XS.tolist()), lstm().forward(XS))
    assert TimeSoftmaxWithLoss().forward(np.zeros((N, T, V)).tolist(), IDS) == np.log(V)


def test_targets_are_ids_or_one_hot_and_some_are_ignored() -> None:
    ys, loss_layer = RNG.standard_normal((N, T, V)), TimeSoftmaxWithLoss()
    by_id, dys = loss_layer.forward(ys, IDS), loss_layer.backward()
    assert loss_layer.forward(ys, np.eye(V, dtype=int)[np.array(IDS)]) == by_id
    np.testing.assert_array_equal(loss_layer.backward(2), 2 * dys)
    loss_layer.ignore_label = 3
    ignoring = loss_layer.forward(ys, IDS)
    loss_layer.ignore_label = -1
    assert loss_layer.forward(ys, [[0, -1, -1], [6, -1, 1]]) == ignoring != by_id
    assert not loss_layer.backward()[0, 1].any()


def test_dropout_draws_from_the_global_generator_as_the_book_does() -> None:
    layer = TimeDropout(0.3)
    np.random.seed(4)
    ys = layer.forward(XS)
    kept = np.random.RandomState(4).rand(N, T, D) > 0.3
    np.testing.assert_allclose(ys, XS * kept / 0.7, rtol=1e-12)
    np.testing.assert_allclose(layer.backward(XS), ys, rtol=1e-12)
    layer.train_flg = False
    np.testing.assert_array_equal(layer.forward(XS), XS)
    np.testing.assert_array_equal(layer.backward(XS), XS)  # the mask before is gone


@pytest.mark.parametrize("shape", [(5,), (3, 4), (2, 3, 4, 5)])
def test_dropout_takes_any_shape(shape: tuple[int, ...]) -> None:
    layer, xs = TimeDropout(0.3), np.ones(shape)
    np.random.seed(4)
    ys = layer.forward(xs)
    np.testing.assert_allclose(ys, (np.random.RandomState(4).rand(*shape) > 0.3) / 0.7)
    np.testing.assert_array_equal(layer.backward(2 * xs), 2 * ys)


def test_whole_numbers_are_dropped_and_scaled_as_floats() -> None:
    np.random.seed(4)
    ys = TimeDropout(0.3).forward(xs := np.array([[1, 2, 3, 4]] * 2))
    kept = np.random.RandomState(4).rand(2, 4) > 0.3
    np.testing.assert_allclose(ys, xs * kept / 0.7, rtol=1e-6)


def test_results_are_of_the_dtype_of_the_weights() -> None:
    for dtype in (np.float32, np.float64):
        for layer in (lstm(), simple(), TimeAffine(*weights(1, (D, H), H))):
            kind: Any = type(layer)
            typed = kind(*(param.astype(dtype) for param in layer.params))
            assert typed.forward(XS.astype(dtype)).dtype == dtype
            assert typed.backward(DHS.astype(dtype)).dtype == dtype
        assert TimeDropout().forward(XS.astype(dtype)).dtype == dtype
