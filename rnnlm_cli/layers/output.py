"""FusedOutput: TimeAffine + TimeSoftmaxWithLoss with all their gradients in one pass.

The textbook pair makes four (N, T, V) arrays a step: scores, log probabilities, probabilities and
gradient. At V = 10,000 each is 28 MB, and moving them costs more than computing them. Here one
buffer is in turn all four.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnlm_cli.functions import Array
from rnnlm_cli.layers.affine import TimeAffine
from rnnlm_cli.layers.layer import Workspace, as_sequence, time_major_rows
from rnnlm_cli.layers.threads import RowBlocks

_BUFFER_BYTES = 64 << 20  # the most that the (rows, V) buffer takes; longer segments go in chunks
_BLOCK_BYTES = 512 << 10  # rows that one thread works on at a time: they stay in its L2 cache


class FusedOutput:
    """loss = -mean over the scored places of log softmax(hs @ W + b)[ts], in nats a token

    W (H, V), b (V,): the arrays of `affine`, shared; hs (N, T, H); ts (N, T), -1 where nothing is
    scored. `forward` leaves dW and db in `grads` and keeps dhs for `backward`: the scores that a
    separate backward would need are gone by then.
    """

    def __init__(self, affine: TimeAffine, threads: int | None = None) -> None:
        self.params = affine.params
        self.grads = affine.grads
        V = self.params["b"].shape[0]
        row_bytes = V * self.params["b"].itemsize
        self._chunk_rows = max(1, _BUFFER_BYTES // row_bytes)
        self._blocks = RowBlocks(max(1, _BLOCK_BYTES // row_bytes), threads)
        self._work = Workspace()
        self._dhs: Array | None = None

    def forward(self, hs: Array, ts: NDArray[np.integer]) -> float:
        """hs (N, T, H), ts (N, T) -> loss; 0 where no place is scored. Fills `grads`."""
        N = hs.shape[0]
        rows, targets = time_major_rows(hs), ts.T.reshape(-1)
        W, dW, db = self.params["W"], self.grads["W"], self.grads["b"]
        scale = 1.0 / max(1, int(np.count_nonzero(targets >= 0)))
        nats = np.empty(len(rows))
        drows = np.empty_like(rows)
        db[...] = 0
        for start in range(0, len(rows), self._chunk_rows):
            chunk = slice(start, start + self._chunk_rows)
            # 1. ys = hs @ W + b, softmax, loss; the buffer then holds dys
            dys, dbs = self._softmax(rows[chunk], targets[chunk], nats[chunk], scale)
            # 2. dhs = dys @ W', dW = hs' @ dys, db = the sum of dys
            np.matmul(dys, W.T, out=drows[chunk])
            if start == 0:
                np.matmul(rows[chunk].T, dys, out=dW)
            else:
                dW += rows[chunk].T @ dys
            db += dbs.sum(axis=0)
        self._dhs = as_sequence(drows, N)
        return float(nats.sum() * scale)

    def backward(self) -> Array:
        """-> dhs (N, T, H), computed by `forward`."""
        assert self._dhs is not None, "backward before forward"
        return self._dhs

    def nats(self, hs: Array, ts: NDArray[np.integer]) -> NDArray[np.float64]:
        """hs (N, T, H), ts (N, T) -> -log probability (N, T) of each target, 0 where not scored."""
        rows, targets = time_major_rows(hs), ts.T.reshape(-1)
        nats = np.empty(len(rows))
        for start in range(0, len(rows), self._chunk_rows):
            chunk = slice(start, start + self._chunk_rows)
            self._softmax(rows[chunk], targets[chunk], nats[chunk])
        return nats.reshape(ts.T.shape).T

    def _softmax(
        self,
        rows: Array,
        targets: NDArray[np.integer],
        nats: NDArray[np.float64],
        gradient_scale: float | None = None,
    ) -> tuple[Array, Array]:
        """Fills `nats` (R,) for rows (R, H); with a scale returns dys (R, V) and db by blocks.

        Each block of rows goes through all its passes while it is in the cache.
        """
        V = self.params["b"].shape[0]
        ys = self._work.empty("ys", (len(rows), V), rows.dtype)
        np.matmul(rows, self.params["W"], out=ys)
        dbs = self._work.empty("dbs", (self._blocks.count(len(rows)), V), rows.dtype)

        def work(block: int, start: int, stop: int) -> None:
            y, t = ys[start:stop], targets[start:stop]
            place, scored = np.arange(stop - start), t >= 0
            y += self.params["b"]
            y -= y.max(axis=1, keepdims=True)
            picked = y[place, t].astype(np.float64)
            np.exp(y, out=y)
            total = y.sum(axis=1)
            nats[start:stop] = np.where(scored, np.log(total, dtype=np.float64) - picked, 0)
            if gradient_scale is not None:
                weight = np.where(scored, gradient_scale, 0).astype(y.dtype)
                y *= (weight / total)[:, None]
                y[place, t] -= weight
                np.sum(y, axis=0, out=dbs[block])

        self._blocks.run(work, len(rows))
        return ys, dbs
