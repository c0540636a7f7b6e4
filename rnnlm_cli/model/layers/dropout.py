"""TimeDropout: noise against overfitting (book section 6.5.2; Zaremba et al. 1409.2329)."""

from __future__ import annotations

from typing import Any, NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from rnnlm_cli.arrays import Floats
from rnnlm_cli.model.layers.layer import check_sequence

_DRAW = 8  # bytes that a generator makes at once
_BITS: np.dtype[Any] = np.dtype("<u2")
_FLOAT: np.dtype[Any] = np.dtype(np.float64)
_STEPS = 1 << 16  # 16 random bits decide on one number: four times as fast as drawing floats
_NO_FLAG = (
    "train_flg is given to this layer's forward(xs, train_flg): give it there, or use the "
    "TimeDropout of rnnlm_cli.book, which has it as an attribute as in the book"
)
_RARE = 2.0**-10  # a smaller share, dropped or kept, would be rounded by 1% or all of it


class Dealt(NamedTuple):
    """The streams first .. first + n of a batch of `total`, whose others are elsewhere."""

    first: int
    total: int


def draw_mask(
    rng: np.random.Generator,
    shape: tuple[int, int],
    ratio: float,
    like: Floats,
    dealt: Dealt | None = None,
) -> Floats:
    """A mask (columns, rows) for a `shape` of (rows, columns), in the dtype of `like`.

    0 with probability `ratio` in [0, 1), else 1 / (1 - ratio); the ratio is rounded to 1 / 65536
    where that is by less than a hundredth of what is dropped, and of what is kept. It is drawn row
    by row. Where rows are streams that are `dealt` to several processes, each sees of the mask of
    the whole batch its own rows, and leaves `rng` as if it had drawn all of them.
    """
    if min(ratio, 1 - ratio) < _RARE:
        drawn, share = _rows(rng, shape, _FLOAT, dealt) >= ratio, 1 - ratio
    else:
        kept = round((1 - ratio) * _STEPS)
        drawn, share = _rows(rng, shape, _BITS, dealt) < kept, kept / _STEPS
    # Transposed while it is one byte a number, then widened: 4 times as fast as the reverse.
    mask: Floats = np.ascontiguousarray(drawn.T) * like.dtype.type(1 / share)
    return mask


def _rows(
    rng: np.random.Generator, shape: tuple[int, int], dtype: np.dtype[Any], dealt: Dealt | None
) -> NDArray[Any]:
    """Random numbers (rows, columns): 16 bits of each, or floats in [0, 1)."""
    if dealt is None:
        return _numbers(rng, shape, dtype)
    (rows, columns), (first, total) = shape, dealt
    draws, rest = divmod(columns * dtype.itemsize, _DRAW)  # of 64 bits, for a row
    if rest or rng.bit_generator.state.get("has_uint32"):  # a row begins amid what is drawn at once
        return _numbers(rng, (total, columns), dtype)[first : first + rows]
    rng.bit_generator.advance(first * draws)  # type: ignore[attr-defined]
    numbers = _numbers(rng, shape, dtype)
    rng.bit_generator.advance((total - first - rows) * draws)  # type: ignore[attr-defined]
    return numbers


def _numbers(
    rng: np.random.Generator, shape: tuple[int, int], dtype: np.dtype[Any]
) -> NDArray[Any]:
    if dtype.kind == "f":
        return rng.random(shape)
    return np.frombuffer(rng.bytes(dtype.itemsize * shape[0] * shape[1]), dtype).reshape(shape)


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
        self.dealt: Dealt | None = None
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
        return self._masked(xs)

    def backward(self, dys: Floats) -> Floats:
        """dxs = dys * mask."""
        return self._masked(dys)

    def stepped(self, N: int) -> None:
        """Nothing: only training drops."""

    def _masked(self, xs: Floats) -> Floats:
        if self.mask is None:
            return xs
        return (xs.transpose(2, 1, 0) * self.mask).transpose(2, 1, 0)

    def _draw(self, xs: Floats) -> Floats:
        check_sequence("xs", xs, "(N, T, D)")
        N, T, D = xs.shape
        steps = 1 if self.locked else T
        return draw_mask(self.rng, (N, D * steps), self.ratio, xs, self.dealt).reshape(D, steps, N)
