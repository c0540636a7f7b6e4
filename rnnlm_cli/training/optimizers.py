"""Gradient clipping, optimisers and learning rates.

An optimiser walks one flat vector of all parameters, in place, in blocks that stay in the cache.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

import numpy as np

from rnnlm_cli.arrays import Array
from rnnlm_cli.settings.config import TrainConfig
from rnnlm_cli.threads import Cores

_BLOCK = 1 << 16
_RISE = 0.3  # of a run: the way up of the one-cycle schedule


def in_blocks(cores: Cores, size: int, work: Callable[[slice], None]) -> None:
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

    in_blocks(cores, grads.size, work)
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
    """params -= lr * g, with g = grads * scale + decay * params"""

    def __init__(self, params: Array, cores: Cores, decay: float = 0.0) -> None:
        self.slots: dict[str, Array] = {}
        self._cores, self._decay = cores, decay

    def update(self, params: Array, grads: Array, lr: float, step: int, scale: float) -> None:
        rate, kept = lr * scale, 1 - lr * self._decay

        def work(block: slice) -> None:
            if self._decay:
                params[block] *= kept
            params[block] -= grads[block] * rate

        in_blocks(self._cores, params.size, work)


class Momentum:
    """v = momentum * v + g, params -= lr * v, with g as in SGD (Polyak 1964)"""

    momentum = 0.9

    def __init__(self, params: Array, cores: Cores, decay: float = 0.0) -> None:
        self.slots = {"v": np.zeros_like(params)}
        self._cores, self._decay = cores, decay

    def update(self, params: Array, grads: Array, lr: float, step: int, scale: float) -> None:
        def work(block: slice) -> None:
            v = self.slots["v"][block]
            v *= self.momentum
            v += _decayed(grads[block] * scale, params[block], self._decay)
            params[block] -= v * lr

        in_blocks(self._cores, params.size, work)


class RMSprop:
    """v += (1 - beta) * (g² - v), params -= lr * g / (sqrt(v / (1 - beta^step)) + eps)

    With g as in SGD (Tieleman & Hinton 2012), and the correction of Adam for the first steps.
    """

    beta, eps = 0.99, 1e-8

    def __init__(self, params: Array, cores: Cores, decay: float = 0.0) -> None:
        self.slots = {"v": np.zeros_like(params)}
        self._cores, self._decay = cores, decay

    def update(self, params: Array, grads: Array, lr: float, step: int, scale: float) -> None:
        correction = math.sqrt(1 - self.beta**step)

        def work(block: slice) -> None:
            v = self.slots["v"][block]
            grad = _decayed(grads[block] * scale, params[block], self._decay)
            change = np.square(grad)
            change -= v
            change *= 1 - self.beta
            v += change
            np.sqrt(v, out=change)
            change += self.eps * correction
            np.divide(grad, change, out=change)
            change *= lr * correction
            params[block] -= change

        in_blocks(self._cores, params.size, work)


class Adam:
    """m += (1 - beta1) * (g - m), v += (1 - beta2) * (g² - v),
    params -= lr * m / (1 - beta1^step) / (sqrt(v / (1 - beta2^step)) + eps)   (1412.6980)

    With g as in SGD; if the decay is `decoupled`, g has no share of it and params shrink by
    lr * decay * params instead: AdamW, 1711.05101.
    """

    beta1, beta2, eps = 0.9, 0.999, 1e-8  # a smaller beta2 forgets rare words

    def __init__(
        self, params: Array, cores: Cores, decay: float = 0.0, *, decoupled: bool = False
    ) -> None:
        self.slots = {"m": np.zeros_like(params), "v": np.zeros_like(params)}
        self._cores, self._decay, self._decoupled = cores, decay, decoupled

    def update(self, params: Array, grads: Array, lr: float, step: int, scale: float) -> None:
        correction1, correction2 = 1 - self.beta1**step, 1 - self.beta2**step
        rate = lr * math.sqrt(correction2) / correction1
        eps = self.eps * math.sqrt(correction2)
        shrunk = 1 - lr * self._decay if self._decoupled else 1.0
        decay = 0.0 if self._decoupled else self._decay

        def work(block: slice) -> None:
            m, v = self.slots["m"][block], self.slots["v"][block]
            grad = _decayed(grads[block] * scale, params[block], decay)
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
            if shrunk != 1:
                params[block] *= shrunk
            params[block] -= change

        in_blocks(self._cores, params.size, work)


def _decayed(grad: Array, params: Array, decay: float) -> Array:
    """grad + decay * params, in place."""
    if decay:
        grad += params * decay
    return grad


def make_optimizer(config: TrainConfig, params: Array, cores: Cores) -> Optimizer:
    """The optimiser that `config` names, for a flat vector of parameters."""
    decay = config.weight_decay
    match config.optimizer:
        case "sgd":
            return SGD(params, cores, decay)
        case "momentum":
            return Momentum(params, cores, decay)
        case "rmsprop":
            return RMSprop(params, cores, decay)
        case "adam" | "adamw":
            return Adam(params, cores, decay, decoupled=config.optimizer == "adamw")


def learning_rate(config: TrainConfig, progress: float, reductions: int) -> float:
    """The rate after the share `progress` (0 to 1) of the run.

    It rises from zero over the first `config.warmup` of the run (1706.02677); then
    constant: always lr; plateau: lr / 4 for each of the `reductions` times that validation got
    worse (book section 6.5); linear: to zero exactly at the end (1905.04753); cosine: the same on a
    half wave (1608.03983); one-cycle: up for 30% of the run, down for the rest, both on half waves
    (1708.07120).
    """
    left = 1.0 - min(1.0, progress)
    factor = {
        "constant": 1.0,
        "plateau": 4.0**-reductions,  # so many powers of 4 overflow, their inverse does not
        "linear": left,
        "cosine": _half_wave(left),
        "one-cycle": _half_wave(min((1.0 - left) / _RISE, left / (1.0 - _RISE))),
    }[config.schedule]
    warm = min(1.0, progress / config.warmup) if config.warmup else 1.0
    return float(config.lr * factor * warm)


def _half_wave(share: float) -> float:
    """From 0 to 1 as `share` does, slow at both ends."""
    return (1.0 - math.cos(math.pi * share)) / 2
