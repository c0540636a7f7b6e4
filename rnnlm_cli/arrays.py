"""The types of arrays, and stateless maths on them: the book's `common/functions.py`, made safe.

Safe from overflow, that is: no score is too large for a probability.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]  # float32 to train, float64 in gradient checks
Doubles = NDArray[np.float64]  # surprisals, and all that is added up over a text
Ids = NDArray[np.integer[Any]]  # words by their number in the vocabulary; -1: none
Mask = NDArray[np.bool_]
Bytes = NDArray[np.uint8]

BIT = math.log(2)  # in nats


def quietly() -> np.errstate:
    """What overflows is looked for afterwards and told in one sentence: no warning is due."""
    return np.errstate(over="ignore", invalid="ignore")


def as_surprisal(nats: Doubles) -> Doubles:
    """`nats` as surprisals can be: not below 0, where rounding may put them, and not nan.

    Where scores have overflowed to what is no number, nothing was predicted: infinite.
    """
    return np.where(np.isnan(nats), np.inf, np.maximum(nats, 0))


def sigmoid(x: Floats) -> Floats:
    """1 / (1 + exp(-x)), as a tanh, which overflows nowhere."""
    y: Floats = np.tanh(0.5 * x)
    return 0.5 * y + 0.5


def softmax(x: Floats) -> Floats:
    """exp(x) / sum(exp(x)) over the last axis."""
    exp: Floats = np.exp(x - x.max(axis=-1, keepdims=True))
    exp /= exp.sum(axis=-1, keepdims=True)
    return exp


def log_softmax(x: Floats) -> Floats:
    """log(softmax(x)) over the last axis, exact also where softmax(x) underflows."""
    shifted: Floats = x - x.max(axis=-1, keepdims=True)
    shifted -= np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return shifted
