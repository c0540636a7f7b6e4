import numpy as np
import pytest

from rnnlm_cli.arrays import Floats, softmax
from rnnlm_cli.model.layers import TimeAffine, TimeSplitAffine
from rnnlm_cli.scoring import distribution
from rnnlm_cli.scoring.distribution import predict_places, prediction_bytes
from rnnlm_cli.threads import Cores
from tests.peaks import peak_bytes

H, V, R = 3, 7, 11
RNG = np.random.default_rng(0)
W, B = RNG.normal(0, 2, (H, V)), RNG.normal(0, 1, V)
HS, TARGETS = RNG.normal(0, 1, (R, H)), RNG.integers(0, V, R)
LAYERS = [
    TimeAffine(W, B),
    TimeSplitAffine(W, B, W[:, 0], B[:1], edges=[2]),
    TimeSplitAffine(W, B, W[:, :3], B[:3], edges=[1, 3, 4]),
]


def shares_of(affine: TimeAffine) -> Floats:
    """p (R, V) by the definition of the layer."""
    ys = affine.forward(HS[None])[0]
    return softmax(ys)


@pytest.mark.parametrize("affine", LAYERS)
@pytest.mark.parametrize("block", [1, 3, 512])
def test_entropy_rank_and_guesses_are_those_of_the_whole_distribution(
    affine: TimeAffine, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distribution, "_BLOCK", block)
    p = shares_of(affine)
    found = predict_places(affine, HS, TARGETS, 3, Cores(1))
    order = np.argsort(-p, axis=1)
    np.testing.assert_allclose(found.entropies, -(p * np.log(p)).sum(axis=1), rtol=1e-9)
    np.testing.assert_array_equal(found.ranks, 1 + np.argmax(order == TARGETS[:, None], axis=1))
    np.testing.assert_array_equal(found.guesses, order[:, :3])
    np.testing.assert_allclose(found.shares, np.take_along_axis(p, order, axis=1)[:, :3])


def test_all_words_are_guessed_where_more_are_asked_for() -> None:
    found = predict_places(LAYERS[0], HS, TARGETS, V + 1, Cores(1))
    np.testing.assert_array_equal(np.sort(found.guesses, axis=1), np.tile(np.arange(V), (R, 1)))
    np.testing.assert_allclose(found.shares.sum(axis=1), 1)


def test_words_that_are_as_likely_share_a_rank_and_sure_ones_have_no_entropy() -> None:
    even = TimeAffine(np.zeros((H, V)), np.zeros(V))
    np.testing.assert_array_equal(predict_places(even, HS, TARGETS, 0, Cores(1)).ranks, 1)
    sure = TimeAffine(np.zeros((H, V)), np.eye(V)[2] * 800)
    found = predict_places(sure, HS, TARGETS, 1, Cores(1))
    np.testing.assert_allclose(found.entropies, 0, atol=1e-12)
    np.testing.assert_array_equal(found.guesses, 2)


def test_places_that_are_dealt_to_threads_and_blocks_give_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = predict_places(LAYERS[1], HS, TARGETS, 2, Cores(1))
    monkeypatch.setattr(distribution, "_PLACES", 2)
    monkeypatch.setattr("rnnlm_cli.threads._FEWEST_NUMBERS", 1)
    dealt = predict_places(LAYERS[1], HS, TARGETS, 2, Cores(3))
    np.testing.assert_allclose(dealt.entropies, whole.entropies, rtol=1e-12)
    np.testing.assert_array_equal(dealt.guesses, whole.guesses)


@pytest.mark.parametrize("guesses", [0, 5])
@pytest.mark.parametrize("is_split", [False, True])
def test_it_takes_no_more_memory_than_it_asks_for(guesses: int, is_split: bool) -> None:
    words, places = 20_000, 300
    rng = np.random.default_rng(0)
    W, b = rng.random((H, words), np.float32), rng.random(words, np.float32)
    whole, split = TimeAffine(W, b), TimeSplitAffine(W, b, W[:, 0], b[:1], edges=[2_000])
    hs, targets = rng.random((places, H), np.float32), rng.integers(0, words, places)
    affine = split if is_split else whole
    most = peak_bytes(lambda: predict_places(affine, hs, targets, guesses, Cores(1)), again=1)
    assert 0.5 * prediction_bytes(words, 1) < most <= prediction_bytes(words, 1)
