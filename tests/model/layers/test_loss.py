import math

import numpy as np
import pytest

from rnnlm_cli.model.layers import TimeSoftmaxWithLoss
from tests.model.gradcheck import assert_gradient

N, T, V = 2, 3, 7
TS = np.array([[0, -1, 3], [6, 3, -1]])


def test_uniform_scores_cost_log_V() -> None:
    assert TimeSoftmaxWithLoss().forward(np.zeros((N, T, V)), TS) == pytest.approx(math.log(V))


def test_the_loss_is_the_mean_over_the_scored_places() -> None:
    ys = np.random.default_rng(0).standard_normal((N, T, V))
    ps = np.exp(ys) / np.exp(ys).sum(axis=-1, keepdims=True)
    picked = [ps[0, 0, 0], ps[0, 2, 3], ps[1, 0, 6], ps[1, 1, 3]]
    assert TimeSoftmaxWithLoss().forward(ys, TS) == pytest.approx(-np.log(picked).mean())


def test_gradient_of_the_scores() -> None:
    layer, ys = TimeSoftmaxWithLoss(), np.random.default_rng(0).standard_normal((N, T, V))
    layer.forward(ys, TS)
    assert_gradient(lambda: layer.forward(ys, TS), ys, layer.backward())


def test_nothing_scored_is_a_loss_and_a_gradient_of_zero() -> None:
    layer = TimeSoftmaxWithLoss()
    assert layer.forward(np.ones((N, T, V)), np.full((N, T), -1)) == 0
    assert not layer.backward().any()
