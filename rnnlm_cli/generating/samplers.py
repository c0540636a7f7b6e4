"""From the scores of the next words to one of them."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from rnnlm_cli.arrays import Array
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.model.model import Ids

_MILD = 1e-30, 1e30  # temperatures between these have an inverse that float32 holds


_BLOCK = 128  # words whose shares are summed before one of them is looked for


def next_shares(
    scores: Array,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    banned: Collection[int] = (),
) -> Array:
    """scores (..., V), overwritten -> shares (..., V) of the next words, in proportion to p.

    Banned ids get a share of 0 first, so what is left keeps its proportions; then temperature
    (0: all to the best), the top_k best, and the fewest best that hold top_p of the mass
    (nucleus sampling, 1904.09751). Raises CheckpointError where the best score is no number.
    """
    if banned:
        scores[..., list(banned)] = -np.inf
    top = scores.max(axis=-1, keepdims=True)
    if not np.isfinite(top).all():
        raise CheckpointError(
            "the model's scores are beyond all numbers: its weights are too large to draw words, "
            "so use another model"
        )
    scores -= top
    if not temperature:
        best = scores.argmax(axis=-1)
        return np.asarray(np.arange(scores.shape[-1]) == best[..., None], scores.dtype)
    if temperature != 1:
        with np.errstate(over="ignore"):  # all but the best may become -inf
            if _MILD[0] < temperature < _MILD[1]:
                scores *= 1 / temperature
            else:
                scores = scores.astype(np.float64) / temperature
    shares: Array = np.exp(scores, out=scores)
    if top_k is not None or top_p is not None:
        order = np.argsort(-shares, axis=-1, kind="stable")
        ranked = np.take_along_axis(shares, order, axis=-1)
        if top_k is not None:
            ranked[..., top_k:] = 0
        if top_p is not None and top_p < 1:
            mass = ranked / ranked.sum(axis=-1, keepdims=True, dtype=np.float64)
            ranked[mass.cumsum(axis=-1) - mass >= top_p] = 0
        np.put_along_axis(shares, order, ranked, axis=-1)
    return shares


def draw(shares: Array, uniform: NDArray[np.float64]) -> Ids:
    """One id per row of shares (N, V) by inverting their cumulative sum at uniform (N,) in [0, 1).

    First the block of words is found, then the word: a cumulative sum over all of V = 10,000 would
    take as long as their exp and their matrix product together.
    """
    N, V = shares.shape
    each = np.arange(N)
    whole = V // _BLOCK * _BLOCK
    # Summed by a product with ones: 16 times as fast as np.add.reduceat with texts side by side.
    sums = np.ones(_BLOCK, shares.dtype) @ shares.T[:whole].reshape(-1, _BLOCK, N)
    sums = np.concatenate([sums, shares.T[whole:].sum(axis=0, keepdims=True)])
    reached = sums.T.cumsum(axis=1, dtype=np.float64)
    places = uniform * reached[:, -1]
    blocks = (reached <= places[:, None]).sum(axis=1)
    places -= np.where(blocks > 0, reached[each, blocks - 1], 0)
    words = blocks[:, None] * _BLOCK + np.arange(_BLOCK)
    inside = np.where(words < V, shares[each[:, None], np.minimum(words, V - 1)], 0)
    inside = inside.cumsum(axis=1, dtype=np.float64)
    # Rounding may leave more to go than the block holds: then it is the last word with a share.
    places = np.minimum(places, np.nextafter(inside[:, -1], 0))
    chosen = (inside <= places[:, None]).sum(axis=1)
    return np.asarray(words[each, chosen], np.int32)


def _quietly() -> np.errstate:
    """A score may overflow to -inf: no share. What is worse, `next_shares` tells in a sentence."""
    return np.errstate(over="ignore", invalid="ignore")
