import numpy as np
import pytest

from rnnlm_cli.arrays import Floats, Ids, softmax
from rnnlm_cli.model.layers import FusedSplitOutput, TimeSoftmaxWithLoss, TimeSplitAffine, cluster
from rnnlm_cli.threads import Cores
from tests.model.gradcheck import assert_gradient

N, T, H, V, K = 2, 3, 5, 7, 3
MIXED = np.array([[0, -1, 3], [6, 2, 1]])
HEAD_ONLY = np.array([[0, -1, 2], [1, 2, 1]])
TAIL_ONLY = np.array([[3, -1, 4], [5, 6, 3]])
TARGETS = pytest.mark.parametrize("ts", [MIXED, HEAD_ONLY, TAIL_ONLY])


def make(*, tied: bool = False) -> tuple[TimeSplitAffine, Floats]:
    rng = np.random.default_rng(0)
    W = rng.standard_normal((V, H)).T if tied else rng.standard_normal((H, V))
    b, w, c = rng.standard_normal(V), rng.standard_normal(H), rng.standard_normal(1)
    return TimeSplitAffine(W, b, w, c, K), rng.standard_normal((N, T, H))


def test_probabilities_are_those_of_the_two_clusters_and_sum_to_one() -> None:
    affine, hs = make()
    W, b, w, c = affine.params.values()
    h = hs[1, 2]
    y, s = h @ W + b, h @ w + c[0]
    head = softmax(np.append(y[:K], s))
    expected = np.append(head[:K], head[K] * softmax(y[K:]))
    ps = softmax(affine.forward(hs))[1, 2]
    np.testing.assert_allclose(ps, expected, rtol=1e-12)
    assert ps.sum() == pytest.approx(1, rel=1e-12)


@TARGETS
def test_gradients_of_the_textbook_pair(ts: Ids) -> None:
    affine, hs = make()
    loss_layer = TimeSoftmaxWithLoss()

    def loss() -> float:
        return loss_layer.forward(affine.forward(hs), ts)

    loss()
    assert_gradient(loss, hs, affine.backward(loss_layer.backward()))
    for name, gradient in affine.grads.items():
        assert_gradient(loss, affine.params[name], gradient)


@TARGETS
@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("size", [1.0, 1e3])
@pytest.mark.parametrize("buffer", [1 << 20, 2 * V * 8])
def test_fused_equals_the_textbook_pair(
    ts: Ids, tied: bool, size: float, buffer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "BUFFER_BYTES", buffer)
    affine, hs = make(tied=tied)
    hs *= size
    loss_layer, fused = TimeSoftmaxWithLoss(), FusedSplitOutput(affine, Cores(2))
    loss = loss_layer.forward(affine.forward(hs), ts)
    dhs = affine.backward(loss_layer.backward())
    grads = {name: gradient.copy() for name, gradient in affine.grads.items()}
    for gradient in affine.grads.values():
        gradient[...] = np.nan  # what the fused layer does not fill is seen
    assert fused.forward(hs, ts) == pytest.approx(loss, rel=1e-12)
    np.testing.assert_allclose(fused.backward(), dhs, rtol=1e-9, atol=1e-12)
    for name, gradient in grads.items():
        np.testing.assert_allclose(fused.grads[name], gradient, rtol=1e-9, atol=1e-11 * size)
    nats = fused.nats(hs, ts)
    assert (nats[ts < 0] == 0).all()
    assert nats[ts >= 0].mean() == pytest.approx(loss, rel=1e-12)


@pytest.mark.parametrize("streams", [(), (4,)])
def test_the_scores_of_a_step_are_those_of_the_sequence(streams: tuple[int, ...]) -> None:
    affine, _ = make()
    x = np.random.default_rng(1).standard_normal((H, *streams))
    expected = affine.forward(x.reshape(H, -1).T[:, None])[:, 0].T.reshape(V, *streams)
    np.testing.assert_allclose(affine.scores(x), expected, rtol=1e-12)
    out = np.empty((V, *streams))
    assert affine.scores(x, out) is out
    np.testing.assert_allclose(out, expected, rtol=1e-12)
