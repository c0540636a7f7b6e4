"""WordCluster: the softmax over some words, with all its gradients in one pass.

Not in the book; it stands for the TimeAffine and TimeSoftmaxWithLoss of section 5.4.2.

The textbook's TimeAffine + TimeSoftmaxWithLoss make four (N, T, V) arrays a step: scores, log
probabilities, probabilities and gradient. At V = 10,000 each is 28 MB, and moving them costs more
than computing them. Here one buffer is in turn all four, and of the elementwise work only one exp
and one sum are left: the softmax is divided by its total not in the (V, R) buffer but in the (H, R)
states beside it.
"""

from __future__ import annotations

import sys

import numpy as np

from rnnlm_cli.arrays import Doubles, Floats, Ids
from rnnlm_cli.model.layers.layer import Workspace
from rnnlm_cli.threads import Cores

BUFFER_BYTES = 64 << 20  # the most that the (V, R) buffer takes; longer segments go in chunks
_BLOCK_BYTES = 2 << 20  # of scores on which a thread works at a time: they stay near its cache
_SUMMED = 512  # words whose exponentials are added up in float32 where a text is scored
_SAFE = 1e-20, 1e20  # totals of exponentials between these have lost nothing to float32's range
SCRATCH = 8 << 20  # bytes that all threads' blocks and shares take, about

Gradient = tuple[Floats, Floats]  # dW (H, V), db (V,): memory to fill


def cluster_bytes(V: int, R: int, itemsize: int) -> int:
    """What a WordCluster of V words holds to learn from R places; while it does, SCRATCH more."""
    return min(BUFFER_BYTES, itemsize * V * R)


class WordCluster:
    """log p(word) = y - log(sum of exp(ys) over the cluster), ys = hs @ W + b

    W (H, V), b (V,): views of a layer's, V the words of the cluster; dW, db their gradients.
    States hs are (H, R): R = T*N places are columns and words are rows. Every thread has a part of
    the words, and goes through it in blocks that it finds in its cache from one pass to the next.
    `rivals` (C, R) are more scores in the sum, which stand for the words outside the cluster.
    """

    def __init__(self, W: Floats, b: Floats, cores: Cores) -> None:
        self.W, self.b = W, b
        self._cores = cores
        self._work = Workspace()

    def train(
        self,
        states: Floats,
        targets: Ids,
        weights: Doubles,
        into: Gradient,
        rivals: Floats | None = None,
    ) -> tuple[Doubles, Floats, Floats]:
        """states (H, R), targets (R,) in the cluster or -1, weights (R,) of the places.

        Returns nats (R,): -log p of each target, the log of the total where it is -1; the gradient
        (H, R) of the weighted sum of nats; the rivals' probabilities (C, R). Fills dW and db,
        `into`.
        """
        V, R = len(self.b), len(targets)
        nats, dstates = np.empty(R), np.empty_like(states)
        shares = np.empty((0 if rivals is None else len(rivals), R), states.dtype)
        size = max(1, BUFFER_BYTES // (V * states.itemsize))
        if not R:
            into[0][...], into[1][...] = 0, 0
        for start in range(0, R, size):
            chunk = slice(start, start + size)
            hs, ts = states[:, chunk], targets[chunk]
            exps = self._work.empty("exps", (V, len(ts)), states.dtype)
            # 1. ys = hs @ W + b; exps = exp(ys); nats = -log(exps[ts] / total)
            log_totals, totals, shares[:, chunk] = self._log_totals(
                hs, exps, None if rivals is None else rivals[:, chunk]
            )
            nats[chunk] = log_totals - self._target_scores(hs, ts)
            # 2. dys = (exps / total - onehot(ts)) * weight: the buffer holds dys / scale
            hit = np.flatnonzero(ts >= 0)
            exps[ts[hit], hit] -= totals[hit]
            scale = (weights[chunk] / totals).astype(states.dtype)
            dstates[:, chunk] = self._gradients(hs, exps, scale, into, first=start == 0)
        return nats, dstates, shares

    def nats(self, states: Floats, targets: Ids, rivals: Floats | None = None) -> Doubles:
        """The nats of `train` alone."""
        log_totals, _, _ = self._log_totals(states, None, rivals)
        return np.asarray(log_totals - self._target_scores(states, targets))

    def _target_scores(self, states: Floats, targets: Ids) -> Doubles:
        """states (H, R), targets (R,) -> the score (R,) of each target; 0 where it is -1."""
        words = self.W.T[targets]
        scores = np.einsum("rh,hr->r", words, states, dtype=np.float64)
        return np.where(targets >= 0, scores + self.b[targets], 0)

    def _blocks(self, start: int, stop: int, R: int, most: int = sys.maxsize) -> list[slice]:
        """The blocks of words in which one thread goes through start..stop for R places."""
        size = min(most, max(1, _BLOCK_BYTES // (R * self.b.itemsize)))
        return [slice(i, min(stop, i + size)) for i in range(start, stop, size)]

    def _log_totals(
        self, states: Floats, exps: Floats | None, rivals: Floats | None
    ) -> tuple[Doubles, Floats, Floats]:
        """states (H, R) -> log of the sum of exp(ys) over the words (R,), that sum (R,) and its
        shares of exp(rivals) (C, R).

        Fills exps (V, R), if given. The exponentials are first taken as they are: a pass for the
        maxima and one to subtract them would cost a third of the elementwise time, and trained
        scores are far from float32's limits. Where they are not, it is done again with both.
        """
        others = np.empty((0, states.shape[1]), states.dtype)
        shift = None
        for _ in range(2):
            with np.errstate(over="ignore"):
                totals = self._totals(states, exps, shift)
                if rivals is not None:
                    others = np.exp(rivals if shift is None else rivals - shift)
                    totals += others.sum(axis=0)
            if shift is not None or ((totals > _SAFE[0]) & (totals < _SAFE[1])).all():
                break
            shift = self._maxima(states, rivals)
        logs = np.log(totals, dtype=np.float64)
        return logs if shift is None else logs + shift, totals, others / totals

    def _scores(self, states: Floats, words: slice, out: Floats) -> Floats:
        """The scores (words, R) of a block of words."""
        np.matmul(self.W.T[words], states, out=out)
        out += self.b[words, None]
        return out

    def _totals(self, states: Floats, exps: Floats | None, shift: Floats | None) -> Floats:
        """states (H, R) -> totals (R,) of exp(ys - shift) over the words; fills exps, if given."""
        V, R = len(self.b), states.shape[1]

        def work(start: int, stop: int) -> Floats:
            # A few places alone would be one block of all words, whose float32 sum is off by 1e-4.
            blocks = self._blocks(start, stop, R, *([_SUMMED] if exps is None else []))
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
            return total

        dtype = states.dtype
        return _sum(self._cores.split(work, V, numbers=V * R))

    def _maxima(self, states: Floats, rivals: Floats | None) -> Floats:
        """states (H, R) -> the greatest score (R,) of each place, the rival's included."""
        V, R = len(self.b), states.shape[1]
        maxima = np.full(R, -np.inf, states.dtype) if rivals is None else rivals.max(axis=0)
        for words in self._blocks(0, V, R):
            out = np.empty((words.stop - words.start, R), states.dtype)
            np.maximum(maxima, self._scores(states, words, out).max(axis=0), out=maxima)
        return maxima

    def _gradients(
        self, states: Floats, dys: Floats, scale: Floats, into: Gradient, *, first: bool
    ) -> Floats:
        """dW = hs' @ dys and db from dys (V, R) and its scale (R,); returns dhs (H, R)."""
        (dW, db), W = into, self.W
        V, R = dys.shape
        scaled = np.ascontiguousarray((states * scale).T)

        def work(start: int, stop: int) -> Floats:
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
            return dhs

        return _sum(self._cores.split(work, V, numbers=V * R)) * scale


def _sum(shares: list[Floats]) -> Floats:
    """The sum of the threads' shares, in the first one's memory."""
    total, *others = shares
    for other in others:
        total += other
    return total
