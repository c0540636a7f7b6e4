import numpy as np
import pytest

from rnnlm_cli.arrays import Doubles
from rnnlm_cli.scoring.adapting.mixture import em_weights, fit_weights, mixed_nats, rounded

K, V, T = 3, 5, 4000


def drawn_from(weights: list[float]) -> Doubles:
    """log p (K, T) of words drawn from a mixture of K fixed distributions over V words."""
    rng = np.random.default_rng(0)
    models = rng.dirichlet(np.full(V, 0.3), size=K)
    words = rng.choice(V, size=T, p=np.array(weights) @ models)
    return np.log(models[:, words])


def test_the_mixture_is_the_weighted_mean_of_the_probabilities() -> None:
    p = np.array([[0.5, 0.2], [0.1, 0.4], [0.3, 0.0]])
    with np.errstate(divide="ignore"):
        nats = mixed_nats(np.array([0.6, 0.0, 0.4]), np.log(p))
    np.testing.assert_allclose(nats, -np.log([0.42, 0.12]))


def test_em_finds_the_weights_of_a_known_mixture() -> None:
    weights, _ = fit_weights(drawn_from([0.6, 0.3, 0.1]))
    np.testing.assert_allclose(weights, [0.6, 0.3, 0.1], atol=0.03)


def test_no_round_makes_the_text_less_likely() -> None:
    log_probs = drawn_from([0.1, 0.2, 0.7])
    rounds = em_weights(log_probs)
    nats = [mixed_nats(next(rounds), log_probs).mean() for _ in range(30)]
    assert (np.diff(nats) <= 1e-12).all()
    assert nats[-1] < nats[0] - 1e-3


def test_the_fit_is_no_worse_than_the_weights_that_the_text_was_drawn_from() -> None:
    log_probs, true = drawn_from([0.2, 0.5, 0.3]), np.array([0.2, 0.5, 0.3])
    assert fit_weights(log_probs)[1] <= mixed_nats(true, log_probs).mean() + 1e-6


def test_probabilities_too_small_for_a_float_are_weighed_all_the_same() -> None:
    log_probs = drawn_from([0.6, 0.3, 0.1])
    expected, _ = fit_weights(log_probs)
    weights, nats = fit_weights(log_probs - 2000)
    np.testing.assert_array_equal(weights, expected)
    assert np.isfinite(nats)


def test_words_that_no_model_knows_leave_the_weights_to_the_others() -> None:
    log_probs = drawn_from([0.6, 0.3, 0.1])
    expected, _ = fit_weights(log_probs)
    log_probs = np.concatenate([np.full((K, 7), -np.inf), log_probs], axis=1)
    rounds = em_weights(log_probs)
    weights = [next(rounds) for _ in range(200)][-1]
    np.testing.assert_allclose(weights, expected, atol=0.01)


@pytest.mark.parametrize("weights", [[1 / 3, 1 / 3, 1 / 3], [0.12345, 0.87651, 0.00004]])
def test_rounded_weights_add_up_to_one(weights: list[float]) -> None:
    short = rounded(np.array(weights))
    assert sum(short.tolist()) == pytest.approx(1, abs=1e-12)
    np.testing.assert_allclose(short, weights, atol=1e-4)
