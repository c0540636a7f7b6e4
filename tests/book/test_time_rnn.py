import numpy as np
import pytest

from rnnlm_cli.book import TimeRNN
from tests.model.gradcheck import assert_gradient


def test_one_step_of_one_unit_by_hand() -> None:
    layer = TimeRNN(np.array([[0.5]]), np.array([[-0.25]]), np.array([0.125]), True)
    layer.set_state(np.array([[2.0]]))
    assert layer.forward([[[3.0]]]).item() == pytest.approx(np.tanh(1.5 - 0.5 + 0.125), rel=1e-12)


@pytest.mark.parametrize(("N", "T"), [(2, 3), (1, 3), (2, 1)])
def test_gradients_of_weights_input_and_state(N: int, T: int) -> None:
    D, H, rng = 4, 5, np.random.default_rng(0)
    Wx, Wh, b = (rng.standard_normal(shape) for shape in [(D, H), (H, H), (H,)])
    xs, dhs, h = (rng.standard_normal(shape) for shape in [(N, T, D), (N, T, H), (N, H)])
    layer = TimeRNN(Wx, Wh, b, True)

    def loss() -> float:
        layer.set_state(h)
        return float((layer.forward(xs) * dhs).sum())

    loss()
    assert_gradient(loss, xs, layer.backward(dhs))
    for param, grad in zip(layer.params, [grad.copy() for grad in layer.grads], strict=True):
        assert_gradient(loss, param, grad)
