"""TimeDropout: noise against overfitting (book section 6.5; Zaremba et al. 1409.2329)."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.functions import Array
from rnnlm_cli.layers.layer import as_sequence, columns

_STEPS = 1 << 16  # 16 random bits decide on one number: four times as fast as drawing floats


class TimeDropout:
    """ys = xs * mask, mask = 0 with probability `ratio` (to 1 / 65536), else 1 / (1 - ratio)

    xs, ys (N, T, D). While `train_flg` is False, ys = xs. Caches the mask, which is drawn stream
    by stream, so that a batch dealt to several processes can see the same masks.
    """

    def __init__(self, ratio: float, rng: np.random.Generator) -> None:
        self.params: dict[str, Array] = {}
        self.grads: dict[str, Array] = {}
        self.ratio = ratio
        self.rng = rng
        self.train_flg = True
        self.mask: Array | None = None  # (D, T*N)

    def forward(self, xs: Array) -> Array:
        """xs (N, T, D) -> ys (N, T, D)."""
        if not self.train_flg:
            self.mask = None
            return xs
        kept = round((1 - self.ratio) * _STEPS)
        N, _, D = xs.shape
        drawn = np.frombuffer(self.rng.bytes(2 * xs.size), "<u2").reshape(N, -1) < kept
        # Transposed while it is one byte a number, then widened: 4 times as fast as the reverse.
        self.mask = np.ascontiguousarray(drawn.T).reshape(D, -1) * xs.dtype.type(_STEPS / kept)
        return as_sequence(columns(xs) * self.mask, len(xs))

    def backward(self, dys: Array) -> Array:
        """dxs = dys * mask."""
        return dys if self.mask is None else as_sequence(columns(dys) * self.mask, len(dys))
