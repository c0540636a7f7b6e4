import numpy as np
import pytest

from rnnlm_cli.arrays import Doubles
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.scoring.difference import Difference, compare_lines, line_nats

N = 900  # lines


def dependent(rng: np.random.Generator, lines: int, rho: float) -> Doubles:
    """A row of numbers with mean 0, each of which is `rho` times the one before, and noise."""
    powers = rho ** np.arange(40)
    return np.convolve(rng.normal(0, 1, lines + 39), powers, "valid")


def compared(differences: Doubles, batch: int | None = None) -> Difference:
    return compare_lines(np.full(len(differences), 60.0), 60 + differences, batch)


def share_below(level: float, rho: float, batch: int | None, trials: int = 300) -> float:
    rng = np.random.default_rng(0)
    return float(
        np.mean([compared(dependent(rng, N, rho), batch).p < level for _ in range(trials)])
    )


def test_batches_of_one_line_are_the_paired_t_test() -> None:
    # Student's sleep data (1908): t = 4.0621 with 9 degrees of freedom, p = 0.002833
    drug = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
    other = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])
    found = compare_lines(drug, other, batch=1)
    assert found.nats_per_line == pytest.approx(1.58)
    assert found.interval == pytest.approx((0.7001142, 2.4598858), abs=1e-6)
    assert found.p == pytest.approx(0.002833, abs=1e-6)


def test_models_that_are_as_good_differ_in_one_of_twenty_texts_though_lines_hang_together() -> None:
    # 300 trials: 0.05 within three standard errors; a test by lines would be wrong in every second.
    assert 0.02 < share_below(0.05, rho=0.6, batch=None) < 0.09
    assert share_below(0.05, rho=0.6, batch=1, trials=50) > 0.2
    assert 0.02 < share_below(0.05, rho=0.0, batch=None) < 0.09


def test_a_difference_that_is_there_is_found() -> None:
    rng = np.random.default_rng(1)
    found = [compared(0.4 + dependent(rng, N, 0.6)) for _ in range(60)]  # 4.8 standard errors
    assert np.mean([each.p < 0.05 for each in found]) > 0.9
    assert np.mean([low < 0.4 < high for low, high in (each.interval for each in found)]) > 0.85


def test_on_independent_lines_the_error_is_that_of_the_paired_t_test() -> None:
    rng = np.random.default_rng(2)
    ratios = []
    for _ in range(50):
        differences = rng.normal(0.3, 2, N)
        (low, high), plain = compared(differences).interval, compared(differences, 1).interval
        ratios.append((high - low) / (plain[1] - plain[0]))
    assert np.mean(ratios) == pytest.approx(1, abs=0.06)


def test_every_line_counts_and_the_sign_says_which_is_better() -> None:
    differences = np.random.default_rng(3).normal(-1, 1, 917)  # no multiple of 31
    found, turned = compared(differences), compared(-differences)
    assert found.nats_per_line == pytest.approx(differences.mean())
    assert (found.lines, found.batch) == (917, 31)
    assert turned.interval == pytest.approx(tuple(-end for end in found.interval[::-1]))
    assert turned.p == pytest.approx(found.p, abs=1e-14)
    assert found.p < 0.001


def test_the_same_model_twice_does_not_differ() -> None:
    found = compared(np.zeros(N))
    assert (found.nats_per_line, found.interval, found.p) == (0, (0, 0), 1)


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (np.ones(20), np.ones(19), "20 lines in the one and 19 in the other"),
        (np.ones(15), np.ones(15), "15 lines, where at least 16"),
        (np.ones(20), np.full(20, np.inf), "infinite"),
    ],
)
def test_what_tells_nothing_is_refused(first: Doubles, second: Doubles, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        compare_lines(first, second)


def test_nats_are_summed_by_lines() -> None:
    nats, targets = np.array([1.0, 2, 4, 8, 16, 32]), np.array([5, 0, 0, 3, 0, 4])
    np.testing.assert_array_equal(line_nats(nats, targets, 0), [3, 4, 24, 32])
    np.testing.assert_array_equal(line_nats(nats[:5], targets[:5], 0), [3, 4, 24])
    assert len(line_nats(nats[:0], targets[:0], 0)) == 0
