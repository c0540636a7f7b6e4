"""A softmax in two clusters: frequent words first, and the rest behind one branch.

The two-cluster case of the adaptive softmax of Grave et al. (1609.04309), at full width and exactly
normalised: the words 0 .. K-1 (the head) compete with one branch that stands for all others, and
those (the tail) share the branch's probability:

    p(w) = exp(y[w]) / Z                      w < K     Z  = sum of exp(y[v]) over v < K, + exp(s)
    p(w) = exp(s) / Z * exp(y[w]) / Zt        w >= K    Zt = sum of exp(y[v]) over v >= K

with y = h @ W + b as ever and the branch's score s = h @ w + c. Ids must go by frequency: then few
places have a target in the tail, and only for them is the tail computed. With a head of 1,500 of
PTB's 10,000 words that is a third of the products.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnlm_cli.arrays import Array, as_surprisal, softmax
from rnnlm_cli.model.layers.affine import TimeAffine
from rnnlm_cli.model.layers.cluster import Floats, WordCluster
from rnnlm_cli.model.layers.layer import as_sequence, columns
from rnnlm_cli.model.layers.output import mean_weights
from rnnlm_cli.threads import Cores


class TimeSplitAffine(TimeAffine):
    """Scores whose softmax is the split one: ys[head], and s + log softmax(ys[tail])

    W (H, V), b (V,), w (H,), c (1,); hs (N, T, H); ys (N, T, V). Caches hs and softmax(ys[tail]).
    """

    def __init__(self, W: Array, b: Array, w: Array, c: Array, head_size: int) -> None:
        super().__init__(W, b)
        self.params |= {"w": w, "c": c}
        self.grads |= {"w": np.zeros_like(w), "c": np.zeros_like(c)}
        self.head_size = head_size
        self._tail: Array | None = None

    def branch_scores(self, states: Array) -> Array:
        """states (H, ...) -> s (...) of the branch."""
        s: Array = self.params["w"] @ states + self.params["c"][0]
        return s

    def finish(self, ys: Array, states: Array) -> None:
        """Make scores ys (V, ...) of states (H, ...), the words first, those of this layer."""
        tail = ys[self.head_size :]
        top = tail.max(axis=0)
        log_total = np.log(np.exp(tail - top).sum(axis=0)) + top
        tail += self.branch_scores(states) - log_total

    def forward(self, hs: Array) -> Array:
        """hs (N, T, H) -> ys (N, T, V)."""
        # 1. ys = hs @ W + b
        ys = super().forward(hs)
        self._tail = softmax(ys[..., self.head_size :])
        # 2. ys[tail] = s + log softmax(ys[tail])
        self.finish(columns(ys), columns(hs))
        return ys

    def backward(self, dys: Array) -> Array:
        """Of the tail: ds = the sum of dys, dys - softmax(ys[tail]) * ds for the scores below."""
        assert self._tail is not None, "backward before forward"
        assert self.hs is not None
        K = self.head_size
        # 2. ys[tail] = s + log softmax(ys[tail])
        ds = dys[..., K:].sum(axis=-1, keepdims=True)
        scores = np.concatenate([dys[..., :K], dys[..., K:] - self._tail * ds], axis=-1)
        self.grads["w"][...] = (self.hs * ds).sum(axis=(0, 1))
        self.grads["c"][...] = ds.sum()
        # 1. ys = hs @ W + b
        dhs: Array = super().backward(scores) + ds * self.params["w"]
        return dhs


class FusedSplitOutput:
    """TimeSplitAffine + TimeSoftmaxWithLoss in one: as FusedOutput, for the split softmax."""

    def __init__(self, affine: TimeSplitAffine, cores: Cores | None = None) -> None:
        self.params, self.grads, self._affine = affine.params, affine.grads, affine
        cores, K = cores or Cores(), affine.head_size
        W, b, dW, db = (part[k] for part in (affine.params, affine.grads) for k in ("W", "b"))
        self._head = WordCluster(W[:, :K], b[:K], dW[:, :K], db[:K], cores)
        self._tail = WordCluster(W[:, K:], b[K:], dW[:, K:], db[K:], cores)
        self._dhs: Array | None = None

    def _parts(self, targets: NDArray[np.integer]) -> tuple[NDArray[np.intp], NDArray[np.integer]]:
        """The places (Rt,) with a target in the tail, and the targets (R,) with -1 for those."""
        outside = targets >= self._affine.head_size
        return np.flatnonzero(outside), np.where(outside, -1, targets)

    def forward(self, hs: Array, ts: NDArray[np.integer]) -> float:
        """hs (N, T, H), ts (N, T) -> loss; 0 where no place is scored. Fills `grads`."""
        states, targets = columns(hs), ts.T.reshape(-1)
        weights = mean_weights(targets)
        places, in_head = self._parts(targets)
        s = self._affine.branch_scores(states)
        # 1. the head and the branch, for all places
        nats, dstates, shares = self._head.train(states, in_head, weights, s)
        # 2. the tail, for the places that need it
        below = targets[places] - self._affine.head_size
        tail_nats, dtail, _ = self._tail.train(states[:, places], below, weights[places])
        dstates[:, places] += dtail
        # 3. the branch: ds = (its probability - 1 where it was right) * weight
        ds = (shares * weights).astype(states.dtype)
        ds[places] -= weights[places].astype(states.dtype)
        np.matmul(states, ds, out=self.grads["w"])
        self.grads["c"][...] = ds.sum()
        dstates += self.params["w"][:, None] * ds
        self._dhs = as_sequence(dstates, len(hs))
        nats[places] += tail_nats - s[places]
        return float(weights @ nats)

    def backward(self) -> Array:
        """-> dhs (N, T, H), computed by `forward`."""
        assert self._dhs is not None, "backward before forward"
        return self._dhs

    def nats(self, hs: Array, ts: NDArray[np.integer]) -> Floats:
        """hs (N, T, H), ts (N, T) -> -log probability (N, T) of each target, 0 where not scored."""
        states, targets = columns(hs), ts.T.reshape(-1)
        places, in_head = self._parts(targets)
        s = self._affine.branch_scores(states)
        nats = self._head.nats(states, in_head, s)
        if len(places):
            below = targets[places] - self._affine.head_size
            nats[places] += self._tail.nats(states[:, places], below) - s[places]
        return np.where(targets >= 0, as_surprisal(nats), 0).reshape(ts.T.shape).T
