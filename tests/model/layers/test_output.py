import numpy as np
import pytest

import rnnlm_cli.model.layers.cluster as output
from rnnlm_cli import threads
from rnnlm_cli.arrays import Floats
from rnnlm_cli.model.layers import FusedOutput, TimeAffine, TimeSoftmaxWithLoss
from rnnlm_cli.model.layers.layer import Workspace
from rnnlm_cli.threads import Cores
from tests.model.gradcheck import assert_gradient

N, T, H, V = 2, 3, 5, 7
TS = np.array([[0, -1, 3], [6, 3, 1]])


def make(*, tied: bool = False, dtype: type = np.float64) -> tuple[TimeAffine, Floats]:
    rng = np.random.default_rng(0)
    W = rng.standard_normal((V, H)).T if tied else rng.standard_normal((H, V))
    affine = TimeAffine(W.astype(dtype), rng.standard_normal(V).astype(dtype))
    return affine, rng.standard_normal((N, T, H)).astype(dtype)


@pytest.fixture(params=["one chunk", "many chunks"])
def _chunks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "many chunks":  # two rows a chunk, one row a block
        monkeypatch.setattr(output, "BUFFER_BYTES", 2 * V * 8)
        monkeypatch.setattr(output, "_BLOCK_BYTES", 1)


@pytest.mark.usefixtures("_chunks")
@pytest.mark.parametrize("tied", [False, True])
def test_fused_equals_the_textbook_pair(tied: bool) -> None:
    affine, hs = make(tied=tied)
    loss_layer = TimeSoftmaxWithLoss()
    loss = loss_layer.forward(affine.forward(hs), TS)
    dhs = affine.backward(loss_layer.backward())
    grads = {name: gradient.copy() for name, gradient in affine.grads.items()}

    fused = FusedOutput(affine)
    assert fused.forward(hs, TS) == pytest.approx(loss, rel=1e-12)
    np.testing.assert_allclose(fused.backward(), dhs, rtol=1e-10, atol=1e-15)
    for name, gradient in grads.items():
        np.testing.assert_allclose(fused.grads[name], gradient, rtol=1e-10, atol=1e-15)


@pytest.mark.usefixtures("_chunks")
def test_gradients_of_W_b_and_hs() -> None:
    affine, hs = make()
    fused = FusedOutput(affine)
    fused.forward(hs, TS)
    grads = {name: gradient.copy() for name, gradient in fused.grads.items()}
    assert_gradient(lambda: fused.forward(hs, TS), hs, fused.backward().copy())
    for name, gradient in grads.items():
        assert_gradient(lambda: fused.forward(hs, TS), fused.params[name], gradient)


@pytest.mark.usefixtures("_chunks")
def test_nats_are_the_surprisal_of_each_target() -> None:
    affine, hs = make()
    ys = affine.forward(hs)
    log_ps = ys - np.log(np.exp(ys).sum(axis=-1, keepdims=True))
    nats = FusedOutput(affine).nats(hs, TS)
    assert nats[0, 1] == 0
    for n, t in [(0, 0), (0, 2), (1, 0), (1, 1), (1, 2)]:
        assert nats[n, t] == pytest.approx(-log_ps[n, t, TS[n, t]])


def test_huge_scores_do_not_overflow() -> None:
    affine, hs = make(dtype=np.float32)
    fused = FusedOutput(affine)
    assert np.isfinite(fused.forward(hs * np.float32(1e4), TS))
    assert np.isfinite(fused.grads["W"]).all()


@pytest.fixture
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_FEWEST_NUMBERS", 1)
    monkeypatch.setattr(output, "_BLOCK_BYTES", 1)


@pytest.mark.usefixtures("_small_parts")
@pytest.mark.parametrize("number", [1, 2, 5])
def test_any_number_of_threads_gives_the_same_result(number: int) -> None:
    affine, hs = make()
    alone = FusedOutput(affine, Cores(1))
    loss, dhs = alone.forward(hs, TS), alone.backward()
    grads = {name: gradient.copy() for name, gradient in affine.grads.items()}
    fused = FusedOutput(affine, Cores(number))
    assert fused.forward(hs, TS) == pytest.approx(loss, rel=1e-14)
    np.testing.assert_allclose(fused.backward(), dhs, rtol=1e-12, atol=1e-16)
    for name, gradient in grads.items():
        np.testing.assert_allclose(fused.grads[name], gradient, rtol=1e-12, atol=1e-16)


@pytest.mark.usefixtures("_small_parts")
def test_a_number_of_threads_gives_the_same_bits_every_time() -> None:
    affine, hs = make(dtype=np.float32)
    fused = FusedOutput(affine, Cores(2))
    first = fused.forward(hs, TS), fused.backward().tobytes(), affine.grads["W"].tobytes()
    for _ in range(20):
        again = fused.forward(hs, TS), fused.backward().tobytes(), affine.grads["W"].tobytes()
        assert again == first


@pytest.mark.parametrize("size", [1e3, 1e-3, -1e3])
def test_scores_beyond_the_range_of_exp_are_shifted(size: float) -> None:
    affine, hs = make()
    hs *= abs(size)
    affine.params["b"] += size  # all scores far above or far below zero
    loss_layer, fused = TimeSoftmaxWithLoss(), FusedOutput(affine)
    loss = loss_layer.forward(affine.forward(hs), TS)
    assert fused.forward(hs, TS) == pytest.approx(loss, rel=1e-12)
    dhs = affine.backward(loss_layer.backward())
    np.testing.assert_allclose(fused.backward(), dhs, rtol=1e-9, atol=1e-12)
    assert fused.nats(hs, TS)[TS >= 0].mean() == pytest.approx(loss, rel=1e-12)


def test_memory_that_nobody_wrote_is_never_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def filled(self: Workspace, name: str, shape: tuple[int, ...], dtype: type) -> Floats:
        return np.full(shape, np.finfo(dtype).max, dtype)

    monkeypatch.setattr(Workspace, "empty", filled)
    monkeypatch.setattr(output, "_BLOCK_BYTES", 1)
    affine, hs = make(dtype=np.float32)
    fused = FusedOutput(affine)
    assert np.isfinite(fused.nats(hs, TS)).all()
    assert np.isfinite(fused.forward(hs, TS))


def test_nothing_scored_is_a_loss_of_zero() -> None:
    affine, hs = make()
    fused = FusedOutput(affine)
    assert fused.forward(hs, np.full((N, T), -1)) == 0
    assert not fused.backward().any()
