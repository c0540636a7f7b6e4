import numpy as np

from rnnlm_cli.model.layers.residual import TimeResidual
from tests.model.gradcheck import assert_gradient
from tests.model.layers.test_lstm import make


def test_a_layer_adds_to_its_input_and_the_gradient_goes_both_ways() -> None:
    layer = TimeResidual(make(5, 5))
    rng = np.random.default_rng(0)
    xs, dys = rng.standard_normal((2, 3, 5)), rng.standard_normal((2, 3, 5))
    np.testing.assert_array_equal(layer.forward(xs), make(5, 5).forward(xs) + xs)

    def loss() -> float:
        return float((layer.forward(xs) * dys).sum())

    assert_gradient(loss, xs, layer.backward(dys))
    assert_gradient(loss, layer.params["Wh"], layer.grads["Wh"])
