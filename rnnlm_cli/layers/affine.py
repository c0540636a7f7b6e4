"""TimeAffine: the same linear map at every step (book section 5.4)."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.functions import Array
from rnnlm_cli.layers.layer import as_sequence, time_major_rows


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
        rows = time_major_rows(hs) @ self.params["W"]
        rows += self.params["b"]
        return as_sequence(rows, hs.shape[0])

    def backward(self, dys: Array) -> Array:
        """dW = hs' @ dys, db = the sum of dys over N and T, dhs = dys @ W'."""
        assert self.hs is not None, "backward before forward"
        drows = time_major_rows(dys)
        self.grads["W"][...] = time_major_rows(self.hs).T @ drows
        self.grads["b"][...] = drows.sum(axis=0)
        return as_sequence(drows @ self.params["W"].T, dys.shape[0])
