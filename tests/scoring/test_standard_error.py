"""The error of a mean over what depends on what is near, beside answers that are known."""

import math

import numpy as np
import pytest

from rnnlm_cli.arrays import Doubles, Ids
from rnnlm_cli.scoring.standard_error import FEWEST, block_starts, error_of_mean

T = 3_000


def lines_of(length: int, tokens: int = T) -> Ids:
    return (np.arange(tokens) // length).astype(np.int32)


def autoregressive(rho: float, texts: int) -> Doubles:
    """x[t] = rho x[t - 1] + e[t] with e ~ N(0, 1): its mean is 0, (texts, T)."""
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(texts, T))
    noise[:, 0] /= math.sqrt(1 - rho**2)
    for t in range(1, T):
        noise[:, t] += rho * noise[:, t - 1]
    return noise


def independent_error(xs: Doubles) -> float:
    return float(xs.std(ddof=1)) / math.sqrt(len(xs))


@pytest.mark.parametrize("length", [1, 20, T])
def test_of_independent_tokens_it_is_that_of_independent_tokens(length: int) -> None:
    ratios = [error_of_mean(xs, lines_of(length)) / independent_error(xs) for xs in
              autoregressive(0.0, 100)]  # fmt: skip
    assert np.mean(ratios) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("length", [20, T])
@pytest.mark.parametrize("rho", [0.5, 0.9])
def test_it_covers_the_mean_of_correlated_tokens_as_often_as_it_says(
    rho: float, length: int
) -> None:
    """An AR(1) sequence has the error 1 / ((1 - rho) sqrt(T)); ten blocks cover 92% for 95%."""
    texts = autoregressive(rho, 300)
    errors = np.array([error_of_mean(xs, lines_of(length)) for xs in texts])
    assert np.mean(errors) == pytest.approx(1 / (1 - rho) / math.sqrt(T), rel=0.1)
    means = np.abs(texts.mean(axis=1))
    assert np.mean(means < 1.96 * errors) > 0.87
    as_if_independent = np.array([independent_error(xs) for xs in texts])
    assert np.mean(means < 1.96 * as_if_independent) < 0.8


def test_it_is_the_formula_over_blocks_of_lines() -> None:
    xs, lines = np.arange(40.0) ** 2, lines_of(7, 40)
    starts = block_starts(lines)  # of a tenth, 4 tokens, up to the end of a line
    assert starts == [0, 7, 14, 21, 28, 35]
    residuals = [float((xs[a:b] - xs.mean()).sum()) for a, b in
                 zip(starts, [*starts[1:], 40], strict=True)]  # fmt: skip
    expected = math.sqrt(6 / 5 * sum(r * r for r in residuals)) / 40
    assert error_of_mean(xs, lines) == pytest.approx(expected)


def test_blocks_of_many_lines_are_the_square_root_of_them() -> None:
    assert np.diff(block_starts(lines_of(10, 4_000))).tolist() == [200] * 19


def test_a_text_without_lines_has_blocks_too() -> None:
    assert np.diff(block_starts(np.zeros(40_000, np.int32))).tolist() == [2_000] * 19


def test_a_long_line_among_short_ones_is_no_block_of_its_own() -> None:
    lines = np.concatenate([lines_of(5, 500), np.full(1_000, 100), 101 + lines_of(5, 500)])
    assert max(np.diff([*block_starts(lines), 2_000])) < 400


@pytest.mark.parametrize("tokens", [1, 2, FEWEST - 1])
def test_of_a_few_tokens_there_is_none(tokens: int) -> None:
    assert math.isnan(error_of_mean(np.arange(float(tokens)), lines_of(4, tokens)))


def test_from_thirty_tokens_on_there_is_one_whatever_the_lines() -> None:
    for length in range(1, 40):
        assert error_of_mean(np.arange(30.0), lines_of(length, 30)) > 0


def test_of_an_infinite_surprisal_there_is_none() -> None:
    assert math.isnan(error_of_mean(np.array([math.inf] * 40), lines_of(4, 40)))
