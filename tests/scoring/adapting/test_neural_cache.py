import numpy as np
import pytest

from rnnlm_cli.arrays import Floats, Ids
from rnnlm_cli.scoring.adapting import neural_cache as cache
from rnnlm_cli.scoring.adapting.neural_cache import cache_bytes, cache_log_probs
from rnnlm_cli.threads import Cores
from tests.peaks import peak_bytes
from tests.scoring.adapting.models import V, random_ids

T, H = 31, 5
STATES = np.random.default_rng(3).normal(size=(T, H)).astype(np.float32)
IDS = random_ids(T)


def by_loop(states: Floats, ids: Ids, window: int, theta: float) -> Floats:
    """The formula of the docstring, one word and one place it looks back to at a time."""
    p = np.full(len(ids), 1 / V)
    for t in range(1, len(ids)):
        shares: dict[int, float] = {}
        for i in range(max(0, t - window), t):
            share = np.exp(theta * float(states[t].astype(float) @ states[i].astype(float)))
            shares[int(ids[i])] = shares.get(int(ids[i]), 0.0) + share
        p[t] = shares.get(int(ids[t]), 0.0) / sum(shares.values())
    return p


@pytest.mark.parametrize("chunk", [1, 4, 128])
@pytest.mark.parametrize("threads", [1, 2])
def test_every_window_and_theta_is_the_loop(
    chunk: int, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_CHUNK", chunk)
    monkeypatch.setattr("rnnlm_cli.threads._FEWEST_NUMBERS", 1)
    windows, thetas = [2, 9, 10_000], [0.0, 0.3, 1.7]
    found = cache_log_probs(
        STATES, IDS, windows=windows, thetas=thetas, vocab_size=V, cores=Cores(threads)
    )
    assert found.shape == (3, 3, T)
    for i, window in enumerate(windows):
        for j, theta in enumerate(thetas):
            expected = by_loop(STATES, IDS, window, theta)
            np.testing.assert_allclose(np.exp(found[i, j]), expected, rtol=1e-4, atol=1e-9)


def test_the_shares_of_all_words_add_up_to_one() -> None:
    last = [np.append(IDS[:-1], word) for word in range(V)]
    p = [
        cache_log_probs(STATES, ids, windows=[6], thetas=[0.4], vocab_size=V, cores=Cores(1))
        for ids in last
    ]
    assert np.exp(p)[..., -1].sum() == pytest.approx(1, abs=1e-6)


def test_states_of_any_length_overflow_nothing() -> None:
    found = cache_log_probs(
        STATES * 1e4, IDS, windows=[9], thetas=[1e30], vocab_size=V, cores=Cores(1)
    )
    p = np.exp(found)
    assert ((p >= 0) & (p <= 1 + 1e-6)).all()


def test_a_text_of_one_word_is_as_likely_as_any() -> None:
    found = cache_log_probs(
        STATES[:1], IDS[:1], windows=[3], thetas=[1.0], vocab_size=V, cores=Cores(1)
    )
    assert found == pytest.approx(-np.log(V))


def test_it_takes_no_more_memory_than_it_asks_for() -> None:
    ids, windows = random_ids(4_000), [100, 2_000]
    states = np.random.default_rng(3).random((len(ids), 500), np.float32)

    def work() -> None:
        cache_log_probs(states, ids, windows=windows, thetas=[0.1], vocab_size=V, cores=Cores(1))

    asked, answered = cache_bytes(windows, 1), 20 * len(ids)  # the ids again, and two answers
    assert 0.5 * asked < peak_bytes(work, again=1) <= asked + answered
