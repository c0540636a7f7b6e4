"""Numerical gradients: the oracle of every backward."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rnnlm_cli.arrays import Floats


def numerical_gradient(f: Callable[[], float], x: Floats, step: float = 1e-5) -> Floats:
    """df/dx by central differences; `f` reads `x`, which is changed in place and put back."""
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        before = x[index]
        x[index] = before + step
        above = f()
        x[index] = before - step
        below = f()
        x[index] = before
        gradient[index] = (above - below) / (2 * step)
    return gradient


def relative_error(a: Floats, b: Floats) -> float:
    """|a - b| / (|a| + |b|), Euclidean: 0 where both are zero."""
    total = float(np.linalg.norm(a) + np.linalg.norm(b))
    return float(np.linalg.norm(a - b)) / total if total else 0.0


def assert_gradient(f: Callable[[], float], x: Floats, gradient: Floats) -> None:
    """`gradient` is df/dx to a relative error of 1e-6."""
    assert gradient.shape == x.shape
    expected = numerical_gradient(f, x)
    assert np.abs(expected).max() > 1e-7, "a gradient of zero checks nothing"
    assert relative_error(gradient, expected) < 1e-6
