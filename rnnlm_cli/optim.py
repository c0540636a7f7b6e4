"""Gradient clipping, optimisers and learning rates.

An optimiser walks one flat vector of all parameters, in place, in blocks that stay in the cache.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

import numpy as np

from rnnlm_cli.config import Schedule, TrainConfig
from rnnlm_cli.functions import Array
from rnnlm_cli.threads import Cores

_BLOCK = 1 << 16


def _in_blocks(cores: Cores, size: int, work: Callable[[slice], None]) -> None:
    """Call `work` for every block of a vector of `size` numbers, on all cores."""

    def part(start: int, stop: int) -> None:
        for block in range(start, stop):
            work(slice(block * _BLOCK, min(size, (block + 1) * _BLOCK)))

    cores.split(part, -(-size // _BLOCK), numbers=size)


def gradient_norm(grads: Array, cores: Cores) -> float:
    """The Euclidean norm of a flat gradient; the same for any number of cores."""
    squares = np.zeros(-(-grads.size // _BLOCK))

    def work(block: slice) -> None:
        part = grads[block]
        with np.errstate(over="ignore", invalid="ignore"):
            square = part @ part
        if not np.isfinite(square):  # squares of float32 may overflow
            square = part.astype(np.float64) @ part.astype(np.float64)
        squares[block.start // _BLOCK] = square

    _in_blocks(cores, grads.size, work)
    return math.sqrt(squares.sum())


def clip_scale(norm: float, max_norm: float) -> float:
    """What to multiply a gradient by so that its norm is at most `max_norm` (1211.5063)."""
    return min(1.0, max_norm / (norm + 1e-6))


class Optimizer(Protocol):
    """One update rule; `slots` are its vectors, as long as the parameters, for an exact resume."""

    slots: dict[str, Array]

    def update(self, params: Array, grads: Array, lr: float, step: int, scale: float) -> None:
        """Change `params` in place, for the gradient `grads * scale`; `step` counts from 1.

        To clip by a factor here costs nothing; a pass over the gradient before would be the third.
        """


class SGD:
    """params -= lr * grads"""

    def __init__(self, params: Array, cores: Cores) -> None:
        self.slots: dict[str, Array] = {}
        self._cores = cores

    def update(self, params: Array, grads: Array, lr: float, step: int, scale: float) -> None:
        rate = lr * scale

        def work(block: slice) -> None:
            params[block] -= grads[block] * rate

        _in_blocks(self._cores, params.size, work)


class Adam:
    """m += (1 - beta1) * (grads - m), v += (1 - beta2) * (grads² - v),
    params -= lr * m / (1 - beta1^step) / (sqrt(v / (1 - beta2^step)) + eps)   (1412.6980)
    """

    beta1, beta2, eps = 0.9, 0.999, 1e-8  # a smaller beta2 forgets rare words

    def __init__(self, params: Array, cores: Cores) -> None:
        self.slots = {"m": np.zeros_like(params), "v": np.zeros_like(params)}
        self._cores = cores

    def update(self, params: Array, grads: Array, lr: float, step: int, scale: float) -> None:
        correction1, correction2 = 1 - self.beta1**step, 1 - self.beta2**step
        rate = lr * math.sqrt(correction2) / correction1
        eps = self.eps * math.sqrt(correction2)

        def work(block: slice) -> None:
            m, v = self.slots["m"][block], self.slots["v"][block]
            grad = grads[block] * scale
            change = grad - m
            change *= 1 - self.beta1
            m += change
            np.square(grad, out=change)
            change -= v
            change *= 1 - self.beta2
            v += change
            np.sqrt(v, out=change)
            change += eps
            np.divide(m, change, out=change)
            change *= rate
            params[block] -= change

        _in_blocks(self._cores, params.size, work)


def make_optimizer(config: TrainConfig, params: Array, cores: Cores) -> Optimizer:
    """The optimiser that `config` names, for a flat vector of parameters."""
    return Adam(params, cores) if config.optimizer == "adam" else SGD(params, cores)


def learning_rate(schedule: Schedule, lr: float, progress: float, reductions: int) -> float:
    """The rate after the share `progress` (0 to 1) of the run.

    constant: always lr; plateau: lr / 4 for each of the `reductions` times that validation got
    worse (book section 6.5); linear: to zero exactly at the end (1905.04753).
    """
    if schedule == "linear":
        return lr * max(0.0, 1.0 - progress)
    if schedule == "plateau":
        return float(lr * 4.0**-reductions)  # so many powers of 4 overflow, their inverse does not
    return lr
