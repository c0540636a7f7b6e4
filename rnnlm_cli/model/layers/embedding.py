"""TimeEmbedding: word ids to word vectors (book section 4.1 and 5.4)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnlm_cli.arrays import Array
from rnnlm_cli.model.layers.dropout import draw_mask
from rnnlm_cli.model.layers.layer import as_sequence, rows


class TimeEmbedding:
    """xs[n, t] = W[ids[n, t]] * mask[ids[n, t]]

    W (V, D); ids (N, T) integers; xs (N, T, D). Caches the ids and the mask (V, 1), which drops a
    word at all its places in the segment with probability `dropout`, while `train_flg` is set
    (Gal & Ghahramani 1512.05287, section 4.2); without it the mask is 1.
    With `tied=True` the output layer has written its share of the gradient of W already, and
    `backward` adds to it (Press & Wolf 1608.05859).
    """

    def __init__(
        self,
        W: Array,
        *,
        tied: bool = False,
        dropout: float = 0.0,
        rng: np.random.Generator | None = None,
    ) -> None:
        self.params = {"W": W}
        self.grads = {"W": np.zeros_like(W)}
        self.tied, self.dropout = tied, dropout
        self.rng = rng or np.random.default_rng()
        self.train_flg = True
        self.ids: NDArray[np.integer] | None = None
        self.mask: Array | None = None

    def forward(self, ids: NDArray[np.integer]) -> Array:
        """ids (N, T) -> xs (N, T, D)."""
        self.ids, W = ids, self.params["W"]
        words = ids.T.reshape(-1)
        vectors = np.take(W, words, axis=0)
        self.mask = None
        if self.dropout and self.train_flg:
            self.mask = draw_mask(self.rng, (1, len(W)), self.dropout, W)
            vectors *= self.mask[words]
        return as_sequence(np.ascontiguousarray(vectors.T), len(ids))

    def backward(self, dxs: Array) -> None:
        """dW[v] = mask[v] * the sum of dxs over every place that holds word v."""
        assert self.ids is not None, "backward before forward"
        dW = self.grads["W"]
        flat = self.ids.T.reshape(-1)
        # Sorted ids make each word's rows one run that reduceat sums: 35 dense (V, D) arrays of
        # the book become one gather, and np.add.at would be 10 times slower.
        order = np.argsort(flat, kind="stable")
        words, starts = np.unique(flat[order], return_index=True)
        sums = np.add.reduceat(rows(dxs)[order], starts, axis=0)
        if self.mask is not None:
            sums *= self.mask[words]
        if self.tied:
            dW[words] += sums
        else:
            dW[...] = 0
            dW[words] = sums
