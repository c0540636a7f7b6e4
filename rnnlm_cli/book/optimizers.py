"""The book's SGD and Adam (`common/optimizer.py`): they walk lists of arrays, in place."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from rnnlm_cli.arrays import Floats


class SGD:
    """param -= lr * grad"""

    def __init__(self, lr: float = 0.01) -> None:
        self.lr = lr

    def update(self, params: Sequence[Floats], grads: Sequence[Floats]) -> None:
        """Change every array of `params` in place by its gradient."""
        for param, grad in zip(params, grads, strict=True):
            param -= self.lr * grad


class Adam:
    """m += (1 - beta1) * (grad - m), v += (1 - beta2) * (grad^2 - v),
    param -= lr * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + 1e-7)     (1412.6980)

    m and v are made by the first update, for the arrays that it is given.
    """

    def __init__(self, lr: float = 0.001, beta1: float = 0.9, beta2: float = 0.999) -> None:
        self.lr, self.beta1, self.beta2 = lr, beta1, beta2
        self.iter = 0
        self.m: list[Floats] | None = None
        self.v: list[Floats] | None = None

    def update(self, params: Sequence[Floats], grads: Sequence[Floats]) -> None:
        """Change every array of `params` in place by its gradient."""
        if self.m is None or self.v is None:
            self.m, self.v = ([np.zeros_like(param) for param in params] for _ in range(2))
        self.iter += 1
        correction1, correction2 = 1 - self.beta1**self.iter, 1 - self.beta2**self.iter
        rate = self.lr * math.sqrt(correction2) / correction1
        for param, grad, m, v in zip(params, grads, self.m, self.v, strict=True):
            m += (1 - self.beta1) * (grad - m)
            v += (1 - self.beta2) * (grad**2 - v)
            param -= rate * m / (np.sqrt(v) + 1e-7)
