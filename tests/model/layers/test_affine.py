import numpy as np

from rnnlm_cli.model.layers import TimeAffine
from tests.model.gradcheck import assert_gradient

N, T, H, V = 2, 3, 5, 7


def test_forward_is_the_same_matrix_at_every_step() -> None:
    rng = np.random.default_rng(0)
    layer = TimeAffine(rng.standard_normal((H, V)), rng.standard_normal(V))
    hs = rng.standard_normal((N, T, H))
    ys = layer.forward(hs)
    assert ys.shape == (N, T, V)
    np.testing.assert_allclose(ys[1, 2], hs[1, 2] @ layer.params["W"] + layer.params["b"])


def test_gradients_of_W_b_and_hs() -> None:
    rng = np.random.default_rng(0)
    layer = TimeAffine(rng.standard_normal((H, V)), rng.standard_normal(V))
    hs, dys = rng.standard_normal((N, T, H)), rng.standard_normal((N, T, V))

    def loss() -> float:
        return float((layer.forward(hs) * dys).sum())

    loss()
    dhs = layer.backward(dys)
    assert_gradient(loss, hs, dhs)
    assert_gradient(loss, layer.params["W"], layer.grads["W"])
    assert_gradient(loss, layer.params["b"], layer.grads["b"])
