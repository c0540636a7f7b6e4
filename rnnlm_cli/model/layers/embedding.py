"""TimeEmbedding: word ids to word vectors (book sections 4.1 and 5.4.2)."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.arrays import Floats, Ids
from rnnlm_cli.model.layers.dropout import draw_mask
from rnnlm_cli.model.layers.layer import (
    Gradients,
    NamedArrays,
    as_sequence,
    check_sequence,
    rows,
)


def embedding_numbers(V: int, D: int, R: int, *, drops: bool) -> int:
    """How many numbers a TimeEmbedding holds of R = T*N places: vectors and their gradients, each
    as they lie and in order; and the mask of the words."""
    return 4 * D * R + (V if drops else 0)


class TimeEmbedding:
    """xs[n, t] = W[ids[n, t]] * mask[ids[n, t]]

    W (V, D); ids (N, T) integers; xs (N, T, D). Caches the ids and the mask (V, 1), which drops a
    word at all its places in the segment with probability `dropout`, where `train_flg` is set
    (Gal & Ghahramani 1512.05287, section 4.2); without it the mask is 1.
    With `tied=True` the output layer has written its share of the gradient of W already, and
    `backward` adds to it (book section 6.5.3; Press & Wolf 1608.05859).
    """

    def __init__(
        self,
        W: Floats,
        *,
        tied: bool = False,
        dropout: float = 0.0,
        rng: np.random.Generator | None = None,
        grads: dict[str, Floats] | None = None,
    ) -> None:
        self.params: dict[str, Floats] = NamedArrays(W=W)
        self.grads = Gradients.of(self.params) if grads is None else grads
        self.tied, self.dropout = tied, dropout
        self.rng = rng or np.random.default_rng()
        self.ids: Ids | None = None
        self.mask: Floats | None = None

    def forward(self, ids: Ids, train_flg: bool = True) -> Floats:
        """ids (N, T) -> xs (N, T, D)."""
        check_sequence("ids", ids, "(N, T)")
        self.ids, W = ids, self.params["W"]
        words = ids.T.reshape(-1)
        vectors = np.take(W, words, axis=0)
        self.mask = None
        if self.dropout and train_flg:
            self.mask = draw_mask(self.rng, (1, len(W)), self.dropout, W)
            vectors *= self.mask[words]
        return as_sequence(np.ascontiguousarray(vectors.T), len(ids))

    def backward(self, dxs: Floats) -> None:
        """dW[v] = mask[v] * the sum of dxs over every place that holds word v."""
        assert self.ids is not None, "backward before forward"
        dW = self.grads["W"]
        flat = self.ids.T.reshape(-1)
        # Sorted ids make each word's rows one run that reduceat sums: 35 dense (V, D) arrays of
        # the book become one gather, and np.add.at would be 10 times slower.
        order = np.argsort(flat, kind="stable")
        in_order = flat[order]
        starts = np.flatnonzero(np.diff(in_order, prepend=in_order[:1] - 1))
        words = in_order[starts]
        sums = np.add.reduceat(rows(dxs)[order], starts, axis=0)
        if self.mask is not None:
            sums *= self.mask[words]
        if self.tied:
            dW[words] += sums
        else:
            dW[...] = 0
            dW[words] = sums

    def step(self, ids: Ids) -> Floats:
        """ids (N,) -> x (D, N), or (D,) of one stream: one step, as of layer.py's Step."""
        W = self.params["W"]
        return W[ids[0]] if len(ids) == 1 else W[ids].T

    def run(self, ids: Ids) -> Floats:
        """ids (T,), the next words of one stream -> xs (T, D)."""
        return self.params["W"][ids]
