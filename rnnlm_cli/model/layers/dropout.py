"""TimeDropout: noise against overfitting (book section 6.5; Zaremba et al. 1409.2329)."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.arrays import Array

_STEPS = 1 << 16  # 16 random bits decide on one number: four times as fast as drawing floats
_RARE = 2.0**-10  # a smaller share, dropped or kept, would be rounded by 1% or all of it


def draw_mask(rng: np.random.Generator, shape: tuple[int, int], ratio: float, like: Array) -> Array:
    """A mask (columns, rows) for a `shape` of (rows, columns), in the dtype of `like`.

    0 with probability `ratio` in [0, 1), else 1 / (1 - ratio); the ratio is rounded to 1 / 65536
    where that is by less than a hundredth of what is dropped, and of what is kept. It is drawn row
    by row: where rows are streams, a batch dealt to several processes can see the same masks.
    """
    if min(ratio, 1 - ratio) < _RARE:
        drawn, share = rng.random(shape) >= ratio, 1 - ratio
    else:
        kept = round((1 - ratio) * _STEPS)
        drawn = np.frombuffer(rng.bytes(2 * shape[0] * shape[1]), "<u2").reshape(shape) < kept
        share = kept / _STEPS
    # Transposed while it is one byte a number, then widened: 4 times as fast as the reverse.
    mask: Array = np.ascontiguousarray(drawn.T) * like.dtype.type(1 / share)
    return mask


class TimeDropout:
    """ys = xs * mask, mask = 0 with probability `ratio`, else 1 / (1 - ratio)

    xs, ys (N, T, D). While `train_flg` is False, ys = xs. Caches the mask (D, T, N). A `locked` one
    (D, 1, N) is the same at every step of the segment: Gal & Ghahramani 1512.05287.
    """

    def __init__(self, ratio: float, rng: np.random.Generator, *, locked: bool = False) -> None:
        self.params: dict[str, Array] = {}
        self.grads: dict[str, Array] = {}
        self.ratio, self.locked = ratio, locked
        self.rng = rng
        self.train_flg = True
        self.mask: Array | None = None

    def forward(self, xs: Array) -> Array:
        """xs (N, T, D) -> ys (N, T, D)."""
        if not self.train_flg or not self.ratio:
            self.mask = None
            return xs
        N, T, D = xs.shape
        steps = 1 if self.locked else T
        self.mask = draw_mask(self.rng, (N, D * steps), self.ratio, xs).reshape(D, steps, N)
        return self._masked(xs)

    def backward(self, dys: Array) -> Array:
        """dxs = dys * mask."""
        return dys if self.mask is None else self._masked(dys)

    def _masked(self, xs: Array) -> Array:
        return (xs.transpose(2, 1, 0) * self.mask).transpose(2, 1, 0)
