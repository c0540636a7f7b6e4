import numpy as np
import pytest

from rnnlm_cli.book import SGD, Adam


def test_sgd_changes_arrays_in_place() -> None:
    p, q = np.array([1.0, 2.0]), np.array([[3.0]])
    SGD(lr=0.5).update([p, q], [np.array([2.0, -2.0]), np.array([[4.0]])])
    assert (p.tolist(), q.tolist()) == ([0.0, 3.0], [[1.0]])


def test_three_steps_of_adam_by_its_formulas() -> None:
    p, optimizer, m, v, expected = np.array([1.0]), Adam(0.1), 0.0, 0.0, 1.0
    for t, g in enumerate((0.5, -2.0, 0.25), start=1):
        optimizer.update([p], [np.array([g])])
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        rate = 0.1 * (1 - 0.999**t) ** 0.5 / (1 - 0.9**t)
        expected -= rate * m / (v**0.5 + 1e-7)
        assert p[0] == pytest.approx(expected, rel=1e-12)
