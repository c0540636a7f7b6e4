"""The book's layers of one step (`common/layers.py`), as far as its recurrent models use them.

A classifier puts them on top of the last state, an attention between states. Each is the layer
over time at one step.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from rnnlm_cli.arrays import Floats, softmax
from rnnlm_cli.book.time_layers import TimeAffine, TimeEmbedding, TimeSoftmaxWithLoss


class Embedding(TimeEmbedding):
    """idx (N,) ids -> word vectors (N, D) out of W (V, D)."""

    def forward(self, idx: ArrayLike) -> Floats:
        """idx (N,) -> (N, D)."""
        return super().forward(np.asarray(idx)[:, None])[:, 0]

    def backward(self, dout: ArrayLike) -> None:
        """dout (N, D): fill `grads`."""
        super().backward(np.asarray(dout)[:, None])


class Affine(TimeAffine):
    """x (N, H) -> x @ W + b (N, V)."""

    def forward(self, x: ArrayLike) -> Floats:
        """x (N, H) -> (N, V)."""
        return super().forward(np.asarray(x)[:, None])[:, 0]

    def backward(self, dout: ArrayLike) -> Floats:
        """dout (N, V) -> dx (N, H)."""
        return super().backward(np.asarray(dout)[:, None])[:, 0]


class SoftmaxWithLoss(TimeSoftmaxWithLoss):
    """x (N, V) scores, t targets -> mean loss in nats; t ids (N,) or one-hot (N, V)."""

    def forward(self, x: ArrayLike, t: ArrayLike) -> float:
        """x (N, V), t (N,) or (N, V) -> loss."""
        return super().forward(np.asarray(x)[:, None], np.asarray(t)[:, None])

    def backward(self, dout: float = 1) -> Floats:
        """-> dx (N, V)."""
        return super().backward(dout)[:, 0]


class Softmax:
    """y = exp(x) / sum(exp(x)) over the last axis of x (N, V). Caches y."""

    def __init__(self) -> None:
        self.params: list[Floats] = []
        self.grads: list[Floats] = []
        self.out: Floats | None = None

    def forward(self, x: ArrayLike) -> Floats:
        """x (N, V) -> y (N, V)."""
        self.out = softmax(np.asarray(x))
        return self.out

    def backward(self, dout: ArrayLike) -> Floats:
        """dx = y * (dout - the sum of y * dout)."""
        assert self.out is not None, "backward before forward"
        dx: Floats = self.out * np.asarray(dout)
        dx -= self.out * dx.sum(axis=-1, keepdims=True)
        return dx
