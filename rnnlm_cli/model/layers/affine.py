"""TimeAffine: the same linear map at every step (book section 5.4)."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.arrays import Array
from rnnlm_cli.model.layers.layer import as_sequence, columns


class TimeAffine:
    """ys = hs @ W + b

    W (H, V), b (V,); hs (N, T, H); ys (N, T, V). Caches hs.
    """

    def __init__(self, W: Array, b: Array) -> None:
        self.params = {"W": W, "b": b}
        self.grads = {"W": np.zeros_like(W), "b": np.zeros_like(b)}
        self.hs: Array | None = None

    def forward(self, hs: Array) -> Array:
        """hs (N, T, H) -> ys (N, T, V)."""
        self.hs = hs
        ys = self.params["W"].T @ columns(hs)
        ys += self.params["b"][:, None]
        return as_sequence(ys, len(hs))

    def backward(self, dys: Array) -> Array:
        """dW = hs' @ dys, db = the sum of dys over N and T, dhs = dys @ W'."""
        assert self.hs is not None, "backward before forward"
        dcolumns = columns(dys)
        self.grads["W"][...] = columns(self.hs) @ dcolumns.T
        self.grads["b"][...] = dcolumns.sum(axis=1)
        return as_sequence(self.params["W"] @ dcolumns, len(dys))
