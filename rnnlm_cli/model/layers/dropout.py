"""TimeDropout: noise against overfitting (book section 6.5.2; Zaremba et al. 1409.2329)."""

from __future__ import annotations

from typing import NoReturn

import numpy as np

from rnnlm_cli.arrays import Floats
from rnnlm_cli.model.layers.layer import check_sequence

_STEPS = 1 << 16  # 16 random bits decide on one number: four times as fast as drawing floats
_NO_FLAG = (
    "train_flg is given to this layer's forward(xs, train_flg): give it there, or use the "
    "TimeDropout of rnnlm_cli.book, which has it as an attribute as in the book"
)
_RARE = 2.0**-10  # a smaller share, dropped or kept, would be rounded by 1% or all of it


def draw_mask(
    rng: np.random.Generator, shape: tuple[int, int], ratio: float, like: Floats
) -> Floats:
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
    mask: Floats = np.ascontiguousarray(drawn.T) * like.dtype.type(1 / share)
    return mask


def dropout_numbers(D: int, R: int) -> int:
    """How many numbers a TimeDropout holds of R = T*N places: the mask, and what is left."""
    return 2 * D * R


class TimeDropout:
    """ys = xs * mask, mask = 0 with probability `ratio`, else 1 / (1 - ratio)

    xs, ys (N, T, D). Without `train_flg`, ys = xs. Caches the mask (D, T, N). A `locked` one
    (D, 1, N) is the same at every step of the segment: Gal & Ghahramani 1512.05287.
    """

    def __init__(self, ratio: float, rng: np.random.Generator, *, locked: bool = False) -> None:
        self.params: dict[str, Floats] = {}
        self.grads: dict[str, Floats] = {}
        self.ratio, self.locked = ratio, locked
        self.rng = rng
        self.mask: Floats | None = None

    @property
    def train_flg(self) -> NoReturn:
        """What the book's layer has as an attribute, which here would act on nothing."""
        raise AttributeError(_NO_FLAG)

    @train_flg.setter
    def train_flg(self, value: bool) -> None:
        raise AttributeError(_NO_FLAG)

    def forward(self, xs: Floats, train_flg: bool = True) -> Floats:
        """xs (N, T, D) -> ys (N, T, D)."""
        self.mask = self._draw(xs) if train_flg and self.ratio else None
        return self.masked(xs)

    def backward(self, dys: Floats) -> Floats:
        """dxs = dys * mask."""
        return self.masked(dys)

    def masked(self, xs: Floats) -> Floats:
        """xs (N, T, D) * mask; xs itself where there is none."""
        if self.mask is None:
            return xs
        return (xs.transpose(2, 1, 0) * self.mask).transpose(2, 1, 0)

    def stepped(self, N: int) -> None:
        """Nothing: only training drops."""

    def _draw(self, xs: Floats) -> Floats:
        check_sequence("xs", xs, "(N, T, D)")
        N, T, D = xs.shape
        steps = 1 if self.locked else T
        return draw_mask(self.rng, (N, D * steps), self.ratio, xs).reshape(D, steps, N)
