"""The norm of all gradients together, and how they are clipped to it."""

from __future__ import annotations

import math

import numpy as np

from rnnlm_cli.arrays import Floats
from rnnlm_cli.threads import Cores, in_blocks


def gradient_norm(grads: Floats, cores: Cores) -> float:
    """The Euclidean norm of a flat gradient; the same for any number of cores."""

    def work(block: slice) -> float:
        part = grads[block]
        with np.errstate(over="ignore", invalid="ignore"):
            square = part @ part
        if not np.isfinite(square):  # squares of float32 may overflow
            square = part.astype(np.float64) @ part.astype(np.float64)
        return float(square)

    return math.sqrt(np.array(in_blocks(cores, grads.size, work)).sum())


def clip_scale(norm: float, max_norm: float) -> float:
    """What to multiply a gradient by so that its norm is at most `max_norm` (1211.5063)."""
    return min(1.0, max_norm / (norm + 1e-6))
