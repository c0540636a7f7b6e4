import numpy as np

from rnnlm_cli.model.layers import TimeEmbedding
from tests.model.gradcheck import assert_gradient

N, T, D, V = 2, 3, 4, 7


def make(seed: int = 0) -> tuple[TimeEmbedding, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    layer = TimeEmbedding(rng.standard_normal((V, D)))
    ids = np.array([[0, 3, 3], [6, 3, 0]])  # words 0 and 3 several times, within and across streams
    return layer, ids, rng.standard_normal((N, T, D))


def test_each_id_becomes_its_row_of_W() -> None:
    layer, ids, _ = make()
    xs = layer.forward(ids)
    assert xs.shape == (N, T, D)
    np.testing.assert_array_equal(xs, layer.params["W"][ids])


def test_gradient_of_W_sums_over_repeated_ids() -> None:
    layer, ids, dxs = make()

    def loss() -> float:
        return float((layer.forward(ids) * dxs).sum())

    loss()
    layer.backward(dxs)
    assert_gradient(loss, layer.params["W"], layer.grads["W"])


def test_backward_overwrites_the_gradient_of_the_last_batch() -> None:
    layer, ids, dxs = make()
    layer.forward(ids)
    layer.backward(dxs)
    first = layer.grads["W"].copy()
    layer.backward(dxs)
    np.testing.assert_array_equal(layer.grads["W"], first)


def test_tied_backward_adds_to_what_the_output_layer_wrote() -> None:
    layer, ids, dxs = make()
    layer.forward(ids)
    layer.backward(dxs)
    alone = layer.grads["W"].copy()
    layer.tied = True
    layer.grads["W"][...] = 1
    layer.backward(dxs)
    np.testing.assert_allclose(layer.grads["W"], alone + 1)
