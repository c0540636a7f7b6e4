from itertools import pairwise

import numpy as np
import pytest

from rnnlm_cli.arrays import Floats, Ids, softmax
from rnnlm_cli.model.layers import FusedSplitOutput, TimeSoftmaxWithLoss, TimeSplitAffine, cluster
from rnnlm_cli.threads import Cores
from tests.model.gradcheck import assert_gradient

N, T, H, V = 2, 3, 5, 7
MIXED = np.array([[0, -1, 3], [6, 2, 1]])
HEAD_ONLY = np.array([[0, -1, 2], [1, 2, 1]])
TAIL_ONLY = np.array([[3, -1, 4], [5, 6, 3]])
TARGETS = pytest.mark.parametrize("ts", [MIXED, HEAD_ONLY, TAIL_ONLY])
EDGES = pytest.mark.parametrize("edges", [(3,), (3, 5), (1, 3, 6)])


def make(edges: tuple[int, ...], *, tied: bool = False) -> tuple[TimeSplitAffine, Floats]:
    rng, C = np.random.default_rng(0), len(edges)
    W = rng.standard_normal((V, H)).T if tied else rng.standard_normal((H, V))
    w = rng.standard_normal(H if C == 1 else (C, H)).T
    b, c = rng.standard_normal(V), rng.standard_normal(C)
    return TimeSplitAffine(W, b, w, c, edges), rng.standard_normal((N, T, H))


def by_the_page(affine: TimeSplitAffine, edges: tuple[int, ...], h: Floats) -> Floats:
    """p of each word behind h (H,), as the formula has it."""
    W, b, w, c = affine.params.values()
    K, C = edges[0], len(edges)
    y, s = h @ W + b, h @ w.reshape(H, C) + c
    Z = np.exp(y[:K]).sum() + np.exp(s).sum()
    ps = np.exp(y) / Z
    for i, (start, stop) in enumerate(pairwise((*edges, V))):
        own = np.exp(y[start:stop])
        ps[start:stop] = np.exp(s[i]) / Z * own / own.sum()
    return np.asarray(ps)


@EDGES
def test_probabilities_are_those_of_the_formula_and_sum_to_one(edges: tuple[int, ...]) -> None:
    affine, hs = make(edges)
    ps = softmax(affine.forward(hs))
    expected = np.array([[by_the_page(affine, edges, h) for h in row] for row in hs])
    np.testing.assert_allclose(ps, expected, rtol=1e-12)
    np.testing.assert_allclose(ps.sum(axis=-1), 1, rtol=1e-12)


@EDGES
def test_surprisals_of_all_words_are_those_of_the_formula(edges: tuple[int, ...]) -> None:
    affine, hs = make(edges)
    fused = affine.fused(Cores(2))
    nats = np.stack([fused.nats(hs, np.full((N, T), word)) for word in range(V)], axis=-1)
    expected = [[-np.log(by_the_page(affine, edges, h)) for h in row] for row in hs]
    np.testing.assert_allclose(nats, expected, atol=1e-12)
    np.testing.assert_allclose(np.exp(-nats).sum(axis=-1), 1, rtol=1e-12)


def test_a_branch_begins_with_the_share_of_its_words() -> None:
    affine, hs = make((1, 3, 6))
    shares = np.arange(1.0, V + 1) / np.arange(1.0, V + 1).sum()
    affine.begin_at(shares)
    np.testing.assert_allclose(softmax(affine.forward(0 * hs))[0, 0], shares, rtol=1e-12)


@TARGETS
@EDGES
def test_gradients_of_the_textbook_pair(edges: tuple[int, ...], ts: Ids) -> None:
    affine, hs = make(edges)
    loss_layer = TimeSoftmaxWithLoss()

    def loss() -> float:
        return loss_layer.forward(affine.forward(hs), ts)

    loss()
    assert_gradient(loss, hs, affine.backward(loss_layer.backward()))
    for name, gradient in affine.grads.items():
        assert_gradient(loss, affine.params[name], gradient)


@TARGETS
@EDGES
@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("size", [1.0, 1e3])
@pytest.mark.parametrize("buffer", [1 << 20, 2 * V * 8])
def test_fused_equals_the_textbook_pair(
    edges: tuple[int, ...],
    ts: Ids,
    tied: bool,
    size: float,
    buffer: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cluster, "BUFFER_BYTES", buffer)
    affine, hs = make(edges, tied=tied)
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


@EDGES
@pytest.mark.parametrize("streams", [(), (4,)])
def test_the_scores_of_a_step_are_those_of_the_sequence(
    edges: tuple[int, ...], streams: tuple[int, ...]
) -> None:
    affine, _ = make(edges)
    x = np.random.default_rng(1).standard_normal((H, *streams))
    expected = affine.forward(x.reshape(H, -1).T[:, None])[:, 0].T.reshape(V, *streams)
    np.testing.assert_allclose(affine.scores(x), expected, rtol=1e-12)
    out = np.empty((V, *streams))
    assert affine.scores(x, out) is out
    np.testing.assert_allclose(out, expected, rtol=1e-12)
