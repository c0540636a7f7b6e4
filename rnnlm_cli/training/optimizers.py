"""Optimisers.

An optimiser walks one flat vector of all parameters, in place, in blocks that stay in the cache.
"""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np

from rnnlm_cli.arrays import Floats
from rnnlm_cli.settings.train import OptimizerName, TrainConfig
from rnnlm_cli.threads import Cores, in_blocks


class UpdateRule(Protocol):
    """An optimiser; `slots` are its vectors, as long as the parameters, for an exact resume."""

    slots: dict[str, Floats]

    def update(self, params: Floats, grads: Floats, lr: float, step: int, scale: float) -> None:
        """Change `params` in place, for the gradient `grads * scale`; `step` counts from 1.

        To clip by a factor here costs nothing; a pass over the gradient before would be the third.
        """


_PLAIN = TrainConfig()  # no decay, and the beta1 of the paper


class _WithSlots:
    """What all of them have: their vectors, zeros at first, cores to work on, and a decay."""

    vectors: tuple[str, ...] = ()

    def __init__(self, params: Floats, cores: Cores, config: TrainConfig = _PLAIN) -> None:
        self.slots = {name: np.zeros_like(params) for name in self.vectors}
        self._cores, self._decay = cores, config.weight_decay


class SGD(_WithSlots):
    """params -= lr * g, with g = grads * scale + decay * params"""

    def update(self, params: Floats, grads: Floats, lr: float, step: int, scale: float) -> None:
        rate, kept = lr * scale, 1 - lr * self._decay

        def work(block: slice) -> None:
            if self._decay:
                params[block] *= kept
            params[block] -= grads[block] * rate

        in_blocks(self._cores, params.size, work)


class Momentum(_WithSlots):
    """v = momentum * v + g, params -= lr * v, with g as in SGD (Polyak 1964)"""

    vectors = ("v",)
    momentum = 0.9

    def update(self, params: Floats, grads: Floats, lr: float, step: int, scale: float) -> None:
        def work(block: slice) -> None:
            v = self.slots["v"][block]
            v *= self.momentum
            v += _decayed(grads[block] * scale, params[block], self._decay)
            params[block] -= v * lr

        in_blocks(self._cores, params.size, work)


class RMSprop(_WithSlots):
    """v += (1 - beta) * (g² - v), params -= lr * g / (sqrt(v / (1 - beta^step)) + eps)

    With g as in SGD (Tieleman & Hinton 2012), and the correction of Adam for the first steps.
    """

    vectors = ("v",)
    beta, eps = 0.99, 1e-8

    def update(self, params: Floats, grads: Floats, lr: float, step: int, scale: float) -> None:
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


class Adam(_WithSlots):
    """m += (1 - beta1) * (g - m), v += (1 - beta2) * (g² - v),
    params -= lr * m / (1 - beta1^step) / (sqrt(v / (1 - beta2^step)) + eps)   (1412.6980)

    With g as in SGD; if the decay is `decoupled`, g has no share of it and params shrink by
    lr * decay * params instead: AdamW, 1711.05101.
    """

    vectors = "m", "v"
    decoupled = False
    beta2, eps = 0.999, 1e-8  # a smaller beta2 forgets rare words

    def __init__(self, params: Floats, cores: Cores, config: TrainConfig = _PLAIN) -> None:
        super().__init__(params, cores, config)
        self.beta1 = config.beta1

    def update(self, params: Floats, grads: Floats, lr: float, step: int, scale: float) -> None:
        correction1, correction2 = 1 - self.beta1**step, 1 - self.beta2**step
        rate = lr * math.sqrt(correction2) / correction1
        eps = self.eps * math.sqrt(correction2)
        shrunk = 1 - lr * self._decay if self.decoupled else 1.0
        decay = 0.0 if self.decoupled else self._decay

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


class AdamW(Adam):
    """Adam with a decay that is decoupled."""

    decoupled = True


def _decayed(grad: Floats, params: Floats, decay: float) -> Floats:
    """grad + decay * params, in place."""
    if decay:
        grad += params * decay
    return grad


# settings/train.py has the rates that suit them.
_CLASSES: dict[OptimizerName, type[SGD | Momentum | RMSprop | Adam]] = {
    "sgd": SGD,
    "momentum": Momentum,
    "rmsprop": RMSprop,
    "adam": Adam,
    "adamw": AdamW,
}


def slots_of(name: OptimizerName) -> int:
    """How many vectors as long as the parameters an optimiser takes beside the gradient."""
    return len(_CLASSES[name].vectors)


def make_optimizer(config: TrainConfig, params: Floats, cores: Cores) -> UpdateRule:
    """The optimiser that `config` names, for a flat vector of parameters."""
    return _CLASSES[config.optimizer](params, cores, config)
