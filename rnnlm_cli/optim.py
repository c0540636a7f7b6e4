"""Gradient clipping, optimisers and learning rates.

An optimiser walks one flat vector of all parameters, in place, in blocks that stay in the cache.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Protocol

import numpy as np

from rnnlm_cli.config import Schedule, TrainConfig
from rnnlm_cli.functions import Array

_BLOCK = 1 << 16


def _blocks(size: int) -> Iterator[slice]:
    for start in range(0, size, _BLOCK):
        yield slice(start, min(size, start + _BLOCK))


def gradient_norm(grads: Array) -> float:
    """The Euclidean norm of a flat gradient, in float64: squares of float32 may overflow."""
    total = 0.0
    for block in _blocks(grads.size):
        part = grads[block].astype(np.float64)
        total += float(part @ part)
    return math.sqrt(total)


def clip_gradient(grads: Array, norm: float, max_norm: float) -> None:
    """Scale `grads` in place so that its norm is at most `max_norm` (Pascanu et al. 1211.5063)."""
    rate = max_norm / (norm + 1e-6)
    if rate < 1:
        grads *= grads.dtype.type(rate)


class Optimizer(Protocol):
    """One update rule; `slots` are its vectors, as long as the parameters, for an exact resume."""

    slots: dict[str, Array]

    def update(self, params: Array, grads: Array, lr: float, step: int) -> None:
        """Change `params` in place; `step` counts from 1."""


class SGD:
    """params -= lr * grads"""

    def __init__(self, params: Array) -> None:
        self.slots: dict[str, Array] = {}
        self._product = np.empty(min(_BLOCK, params.size), params.dtype)

    def update(self, params: Array, grads: Array, lr: float, step: int) -> None:
        rate = params.dtype.type(lr)
        for block in _blocks(params.size):
            product = self._product[: block.stop - block.start]
            np.multiply(grads[block], rate, out=product)
            params[block] -= product


class Adam:
    """m += (1 - beta1) * (grads - m), v += (1 - beta2) * (grads² - v),
    params -= lr * m / (1 - beta1^step) / (sqrt(v / (1 - beta2^step)) + eps)   (1412.6980)
    """

    beta1, beta2, eps = 0.9, 0.999, 1e-8  # a smaller beta2 forgets rare words

    def __init__(self, params: Array) -> None:
        self.slots = {"m": np.zeros_like(params), "v": np.zeros_like(params)}
        self._change = np.empty(min(_BLOCK, params.size), params.dtype)

    def update(self, params: Array, grads: Array, lr: float, step: int) -> None:
        kind = params.dtype.type
        correction1, correction2 = 1 - self.beta1**step, 1 - self.beta2**step
        rate = kind(lr * math.sqrt(correction2) / correction1)
        eps = kind(self.eps * math.sqrt(correction2))
        for block in _blocks(params.size):
            m, v = self.slots["m"][block], self.slots["v"][block]
            change = self._change[: block.stop - block.start]
            np.subtract(grads[block], m, out=change)
            change *= kind(1 - self.beta1)
            m += change
            np.square(grads[block], out=change)
            change -= v
            change *= kind(1 - self.beta2)
            v += change
            np.sqrt(v, out=change)
            change += eps
            np.divide(m, change, out=change)
            change *= rate
            params[block] -= change


def make_optimizer(config: TrainConfig, params: Array) -> Optimizer:
    """The optimiser that `config` names, for a flat vector of parameters."""
    return Adam(params) if config.optimizer == "adam" else SGD(params)


def learning_rate(schedule: Schedule, lr: float, progress: float, reductions: int) -> float:
    """The rate after the share `progress` (0 to 1) of the run.

    constant: always lr; plateau: lr / 4 for each of the `reductions` times that validation got
    worse (book section 6.5); linear: to zero exactly at the end (1905.04753).
    """
    if schedule == "linear":
        return lr * max(0.0, 1.0 - progress)
    if schedule == "plateau":
        return float(lr / 4.0**reductions)
    return lr
