"""Stateless array maths: the functions of the book's `common/functions.py`, safe from overflow."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]  # floats: float32 to train, float64 in gradient checks


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), elementwise, as (1 + tanh(x / 2)) / 2, which cannot overflow."""
    half = x.dtype.type(0.5)
    y: Array = half * np.tanh(half * x) + half
    return y


def as_surprisal(nats: Array) -> Array:
    """`nats` as surprisals can be: not below 0, where rounding may put them, and not nan.

    Where scores have overflowed to what is no number, nothing was predicted: infinite.
    """
    return np.where(np.isnan(nats), np.inf, np.maximum(nats, 0))


def softmax(x: Array) -> Array:
    """exp(x) / sum(exp(x)) over the last axis."""
    exp: Array = np.exp(x - x.max(axis=-1, keepdims=True))
    exp /= exp.sum(axis=-1, keepdims=True)
    return exp


def log_softmax(x: Array) -> Array:
    """log(softmax(x)) over the last axis, exact also where softmax(x) underflows."""
    shifted: Array = x - x.max(axis=-1, keepdims=True)
    shifted -= np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return shifted
