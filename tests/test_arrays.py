import numpy as np
import pytest

from rnnlm_cli.arrays import as_surprisal, log_softmax, sigmoid, softmax


def test_softmax_sums_to_one_and_keeps_ratios() -> None:
    ps = softmax(np.log([[1.0, 2.0, 5.0], [4.0, 2.0, 2.0]]))
    np.testing.assert_allclose(ps, [[0.125, 0.25, 0.625], [0.5, 0.25, 0.25]])


def test_sigmoid_is_its_formula_and_overflows_nowhere() -> None:
    x = np.array([-2.0, 0.0, 0.5])
    np.testing.assert_allclose(sigmoid(x), 1 / (1 + np.exp(-x)), rtol=1e-12)
    assert sigmoid(np.array([-1e4, 1e4])).tolist() == [0, 1]


@pytest.mark.parametrize("shift", [0.0, 1e5, -1e5])
def test_log_softmax_does_not_overflow(shift: float) -> None:
    x = np.array([0.0, 1.0, 2.0])
    np.testing.assert_allclose(log_softmax(x + shift), np.log(softmax(x)), rtol=1e-9)


def test_log_softmax_is_exact_where_softmax_underflows() -> None:
    assert log_softmax(np.array([0.0, -2000.0]))[1] == -2000


def test_a_surprisal_is_0_or_more_and_infinite_where_it_is_no_number() -> None:
    nats = np.array([-1e23, -0.0, 2.5, np.inf, np.nan])
    np.testing.assert_array_equal(as_surprisal(nats), [0, 0, 2.5, np.inf, np.inf])
