from typing import Any

import numpy as np
import pytest

from rnnlm_cli.book import Affine, Embedding, Softmax, SoftmaxWithLoss
from tests.model.gradcheck import assert_gradient

N, H, V = 3, 4, 5
RNG = np.random.default_rng(0)


@pytest.mark.parametrize("layer", [Affine(RNG.standard_normal((H, V)), np.arange(5.0)), Softmax()])
def test_gradients_of_the_input_of_one_step(layer: Any) -> None:
    x = RNG.standard_normal((N, H))
    dout = RNG.standard_normal(layer.forward(x).shape)

    def loss() -> float:
        return float((layer.forward(x) * dout).sum())

    loss()
    assert_gradient(loss, x, layer.backward(dout))
    for param, grad in zip(layer.params, [grad.copy() for grad in layer.grads], strict=True):
        assert_gradient(loss, param, grad)


def test_word_vectors_of_one_step() -> None:
    layer, dout = Embedding(RNG.standard_normal((V, H))), RNG.standard_normal((N, H))
    np.testing.assert_array_equal(layer.forward([1, 4, 1]), layer.W[[1, 4, 1]])
    layer.backward(dout)
    np.testing.assert_allclose(layer.grads[0][1], dout[0] + dout[2])
    assert not layer.grads[0][[0, 2, 3]].any()


def test_the_loss_of_one_step() -> None:
    layer, x, t = SoftmaxWithLoss(), RNG.standard_normal((N, V)), np.array([1, 4, 1])
    loss = layer.forward(x, t)
    assert_gradient(lambda: layer.forward(x, t), x, layer.backward().copy())
    assert layer.forward(x, np.eye(V)[t]) == loss
