"""FusedOutput: TimeAffine + TimeSoftmaxWithLoss with all their gradients in one pass.

The textbook pair makes four (N, T, V) arrays a step: scores, log probabilities, probabilities and
gradient. At V = 10,000 each is 28 MB, and moving them costs more than computing them. Here one
buffer is in turn all four, and of the elementwise work only one exp and one sum are left: the
softmax is divided by its total not in the (V, R) buffer but in the (H, R) states beside it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnlm_cli.functions import Array
from rnnlm_cli.layers.affine import TimeAffine
from rnnlm_cli.layers.layer import Workspace, as_sequence, columns
from rnnlm_cli.threads import Cores

_BUFFER_BYTES = 64 << 20  # the most that the (V, R) buffer takes; longer segments go in chunks
_BLOCK_BYTES = 2 << 20  # of scores on which a thread works at a time: they stay near its cache
_SAFE = 1e-20, 1e20  # totals of exponentials between these have lost nothing to float32's range

Floats = NDArray[np.float64]


class FusedOutput:
    """loss = -mean over the scored places of log softmax(hs @ W + b)[ts], in nats a token

    W (H, V), b (V,): the arrays of `affine`, shared; hs (N, T, H); ts (N, T), -1 where nothing is
    scored. `forward` leaves dW and db in `grads` and keeps dhs for `backward`: the scores that a
    separate backward would need are gone by then.

    Inside, R = T*N places are columns and words are rows: every thread has a part of the
    vocabulary, and goes through it in blocks that it finds in its cache from one pass to the next.
    """

    def __init__(self, affine: TimeAffine, cores: Cores | None = None) -> None:
        self.params = affine.params
        self.grads = affine.grads
        self._cores = cores or Cores()
        self._work = Workspace()
        self._dhs: Array | None = None

    def forward(self, hs: Array, ts: NDArray[np.integer]) -> float:
        """hs (N, T, H), ts (N, T) -> loss; 0 where no place is scored. Fills `grads`."""
        states, targets = columns(hs), ts.T.reshape(-1)
        V, R, scored = len(self.params["b"]), len(targets), targets >= 0
        weights: Floats = scored.astype(np.float64) / max(1, int(scored.sum()))
        dstates = np.empty_like(states)
        loss, size = 0.0, max(1, _BUFFER_BYTES // (V * states.itemsize))
        for start in range(0, R, size):
            chunk = slice(start, start + size)
            hs_chunk, ts_chunk, weight = states[:, chunk], targets[chunk], weights[chunk]
            exps = self._work.empty("exps", (V, len(ts_chunk)), states.dtype)
            # 1. ys = hs @ W + b; exps = exp(ys); loss = -log(exps[ts] / total)
            log_totals, totals = self._log_totals(hs_chunk, exps)
            loss += float(weight @ (log_totals - self._target_scores(hs_chunk, ts_chunk)))
            # 2. dys = (exps / total - onehot(ts)) * weight: the buffer holds dys / scale
            exps[ts_chunk, np.arange(len(ts_chunk))] -= totals
            scale = (weight / totals).astype(states.dtype)
            dstates[:, chunk] = self._gradients(hs_chunk, exps, scale, first=start == 0)
        self._dhs = as_sequence(dstates, len(hs))
        return loss

    def backward(self) -> Array:
        """-> dhs (N, T, H), computed by `forward`."""
        assert self._dhs is not None, "backward before forward"
        return self._dhs

    def nats(self, hs: Array, ts: NDArray[np.integer]) -> Floats:
        """hs (N, T, H), ts (N, T) -> -log probability (N, T) of each target, 0 where not scored."""
        states, targets = columns(hs), ts.T.reshape(-1)
        log_totals, _ = self._log_totals(states)
        nats = np.where(targets >= 0, log_totals - self._target_scores(states, targets), 0)
        return nats.reshape(ts.T.shape).T

    def _target_scores(self, states: Array, targets: NDArray[np.integer]) -> Floats:
        """states (H, R), targets (R,) -> the score (R,) of each target."""
        words = self.params["W"].T[targets]
        scores = np.einsum("rh,hr->r", words, states, dtype=np.float64)
        return np.asarray(scores + self.params["b"][targets])

    def _blocks(self, start: int, stop: int, R: int) -> list[slice]:
        """The blocks of words in which one thread goes through start..stop for R places."""
        size = max(1, _BLOCK_BYTES // (R * self.params["b"].itemsize))
        return [slice(i, min(stop, i + size)) for i in range(start, stop, size)]

    def _log_totals(self, states: Array, exps: Array | None = None) -> tuple[Floats, Array]:
        """states (H, R) -> log of the sum of exp(ys) over the words (R,), and that sum (R,).

        Fills exps (V, R), if given. The exponentials are first taken as they are: a pass for the
        maxima and one to subtract them would cost a third of the elementwise time, and trained
        scores are far from float32's limits. Where they are not, it is done again with both.
        """
        with np.errstate(over="ignore"):
            totals = self._totals(states, exps, None)
        if ((totals > _SAFE[0]) & (totals < _SAFE[1])).all():
            return np.log(totals, dtype=np.float64), totals
        maxima = self._maxima(states)
        totals = self._totals(states, exps, maxima)
        return np.log(totals, dtype=np.float64) + maxima, totals

    def _scores(self, states: Array, words: slice, out: Array) -> Array:
        """The scores (words, R) of a block of words."""
        np.matmul(self.params["W"].T[words], states, out=out)
        out += self.params["b"][words, None]
        return out

    def _totals(self, states: Array, exps: Array | None, shift: Array | None) -> Array:
        """states (H, R) -> totals (R,) of exp(ys - shift) over the words; fills exps, if given."""
        V, R = len(self.params["b"]), states.shape[1]
        parts: dict[int, Array] = {}

        def work(start: int, stop: int) -> None:
            blocks = self._blocks(start, stop, R)
            total = np.zeros(R, dtype)
            ones = np.ones(blocks[0].stop - start, dtype)
            scratch = np.empty((len(ones) if exps is None else 0, R), dtype)
            for words in blocks:
                count = words.stop - words.start
                block = self._scores(
                    states, words, scratch[:count] if exps is None else exps[words]
                )
                if shift is not None:
                    block -= shift
                total += ones[:count] @ np.exp(block, out=block)
            parts[start] = total

        dtype = states.dtype
        self._cores.split(work, V, numbers=V * R)
        return _in_order(parts)

    def _maxima(self, states: Array) -> Array:
        """states (H, R) -> the greatest score (R,) of each place."""
        V, R = len(self.params["b"]), states.shape[1]
        maxima = np.full(R, -np.inf, states.dtype)
        for words in self._blocks(0, V, R):
            out = np.empty((words.stop - words.start, R), states.dtype)
            np.maximum(maxima, self._scores(states, words, out).max(axis=0), out=maxima)
        return maxima

    def _gradients(self, states: Array, dys: Array, scale: Array, *, first: bool) -> Array:
        """dW = hs' @ dys and db from dys (V, R) and its scale (R,); returns dhs (H, R)."""
        dW, db, W = self.grads["W"], self.grads["b"], self.params["W"]
        V, R = dys.shape
        scaled = np.ascontiguousarray((states * scale).T)
        parts: dict[int, Array] = {}

        def work(start: int, stop: int) -> None:
            dhs = np.zeros_like(states)
            for words in self._blocks(start, stop, R):
                dy = dys[words]
                if first:
                    np.matmul(dy, scaled, out=dW.T[words])
                    np.matmul(dy, scale, out=db[words])
                else:
                    dW.T[words] += dy @ scaled
                    db[words] += dy @ scale
                dhs += W[:, words] @ dy
            parts[start] = dhs

        self._cores.split(work, V, numbers=V * R)
        return _in_order(parts) * scale


def _in_order(parts: dict[int, Array]) -> Array:
    """The sum of the threads' shares, by their first word: in the same order every time."""
    first, *others = sorted(parts)
    total = parts[first]
    for other in others:
        total += parts[other]
    return total
