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


def test_its_steps_are_those_of_the_sequence() -> None:
    layer, xs = TimeResidual(make(5, 5)), np.random.default_rng(0).standard_normal((1, 4, 5))
    expected = layer.forward(xs)[0]
    one, all_ = layer.stepped(1), layer.stepped(1)
    assert one is not None
    assert all_ is not None
    np.testing.assert_allclose([one.step(x).copy() for x in xs[0]], expected, rtol=1e-12)
    np.testing.assert_allclose(all_.run(xs[0]), expected, rtol=1e-12)
