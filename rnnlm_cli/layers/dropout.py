"""TimeDropout: noise against overfitting (book section 6.5; Zaremba et al. 1409.2329)."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.functions import Array


class TimeDropout:
    """ys = xs * mask, mask = 0 with probability `ratio`, else 1 / (1 - ratio)

    xs, ys (N, T, D). While `train_flg` is False, ys = xs. Caches the mask, which is drawn stream
    by stream, so that a batch dealt to several processes can see the same masks.
    """

    def __init__(self, ratio: float, rng: np.random.Generator) -> None:
        self.params: dict[str, Array] = {}
        self.grads: dict[str, Array] = {}
        self.ratio = ratio
        self.rng = rng
        self.train_flg = True
        self.mask: Array | None = None

    def forward(self, xs: Array) -> Array:
        """xs (N, T, D) -> ys (N, T, D)."""
        if not self.train_flg:
            self.mask = None
            return xs
        keep = 1.0 - self.ratio
        kept = self.rng.random(xs.shape, dtype=np.float32) < keep
        self.mask = kept * xs.dtype.type(1 / keep)
        return xs * self.mask

    def backward(self, dys: Array) -> Array:
        """dxs = dys * mask."""
        return dys if self.mask is None else dys * self.mask
