"""A softmax in two clusters: frequent words first, and the rest behind one branch.

Not in the book; it stands for the TimeAffine and TimeSoftmaxWithLoss of section 5.4.2.

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

from rnnlm_cli.arrays import Doubles, Floats, Ids, as_surprisal, softmax
from rnnlm_cli.model.layers.affine import TimeAffine
from rnnlm_cli.model.layers.cluster import WordCluster
from rnnlm_cli.model.layers.layer import Output, as_sequence, columns
from rnnlm_cli.model.layers.output import mean_weights, states_of, targets_of
from rnnlm_cli.threads import Cores


class TimeSplitAffine(TimeAffine):
    """Scores whose softmax is the split one: ys[head], and s + log softmax(ys[tail])

    W (H, V), b (V,), w (H,), c (1,); hs (N, T, H); ys (N, T, V). Caches hs and softmax(ys[tail]).
    """

    def __init__(
        self,
        W: Floats,
        b: Floats,
        w: Floats,
        c: Floats,
        head_size: int,
        *,
        grads: dict[str, Floats] | None = None,
    ) -> None:
        super().__init__(W, b, grads=grads)
        self.params |= {"w": w, "c": c}
        self.head_size = head_size
        self._tail: Floats | None = None

    def begin_at(self, shares: Doubles) -> None:
        """As TimeAffine does; the branch predicts the share of all words of the tail."""
        super().begin_at(shares)
        self.params["c"][...] = np.log(shares[self.head_size :].sum())

    def branch_scores(self, states: Floats) -> Floats:
        """states (H, ...) -> s (...) of the branch."""
        s: Floats = self.params["w"] @ states + self.params["c"][0]
        return s

    def scores(self, x: Floats, out: Floats | None = None) -> Floats:
        """x (H, N) or (H,) -> y (V, N) or (V,), comparable over both clusters."""
        ys = self.step(x, out)
        self._compare(ys, x)
        return ys

    def fused(self, cores: Cores) -> Output:
        """This layer and its softmax in one, which score and learn on `cores`."""
        return FusedSplitOutput(self, cores)

    def _compare(self, ys: Floats, states: Floats) -> None:
        """Make ys (V, ...) = W' @ states + b of states (H, ...) the scores of this layer."""
        tail = ys[self.head_size :]
        top = tail.max(axis=0)
        log_total = np.log(np.exp(tail - top).sum(axis=0)) + top
        tail += self.branch_scores(states) - log_total

    def forward(self, hs: Floats, train_flg: bool = True) -> Floats:
        """hs (N, T, H) -> ys (N, T, V)."""
        # 1. ys = hs @ W + b
        ys = super().forward(hs)
        self._tail = softmax(ys[..., self.head_size :])
        # 2. ys[tail] = s + log softmax(ys[tail])
        self._compare(columns(ys), columns(hs))
        return ys

    def backward(self, dys: Floats) -> Floats:
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
        dhs: Floats = super().backward(scores) + ds * self.params["w"]
        return dhs


class FusedSplitOutput:
    """TimeSplitAffine + TimeSoftmaxWithLoss in one: as FusedOutput, for the split softmax."""

    def __init__(self, affine: TimeSplitAffine, cores: Cores | None = None) -> None:
        self.params, self.grads, self._affine = affine.params, affine.grads, affine
        cores, K = cores or Cores(), affine.head_size
        W, b = affine.params["W"], affine.params["b"]
        self._head = WordCluster(W[:, :K], b[:K], cores)
        self._tail = WordCluster(W[:, K:], b[K:], cores)
        self._dhs: Floats | None = None

    def _parts(self, targets: Ids) -> tuple[NDArray[np.intp], Ids]:
        """The places (Rt,) with a target in the tail, and the targets (R,) with -1 for those."""
        outside = targets >= self._affine.head_size
        return np.flatnonzero(outside), np.where(outside, -1, targets)

    def forward(self, hs: Floats, ts: Ids) -> float:
        """hs (N, T, H), ts (N, T) -> loss; 0 where no place is scored. Fills `grads`."""
        states, targets = states_of(hs, self.params["W"]), targets_of(ts)
        weights, K = mean_weights(targets), self._affine.head_size
        dW, db = self.grads["W"], self.grads["b"]
        places, in_head = self._parts(targets)
        s = self._affine.branch_scores(states)
        # 1. the head and the branch, for all places
        into = dW[:, :K], db[:K]
        nats, dstates, shares = self._head.train(states, in_head, weights, into, s)
        # 2. the tail, for the places that need it
        below, into = targets[places] - K, (dW[:, K:], db[K:])
        tail_nats, dtail, _ = self._tail.train(states[:, places], below, weights[places], into)
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

    def backward(self) -> Floats:
        """-> dhs (N, T, H), computed by `forward`."""
        assert self._dhs is not None, "backward before forward"
        return self._dhs

    def nats(self, hs: Floats, ts: Ids) -> Doubles:
        """hs (N, T, H), ts (N, T) -> -log probability (N, T) of each target, 0 where not scored."""
        states, targets = states_of(hs, self.params["W"]), targets_of(ts)
        places, in_head = self._parts(targets)
        s = self._affine.branch_scores(states)
        nats = self._head.nats(states, in_head, s)
        if len(places):
            below = targets[places] - self._affine.head_size
            nats[places] += self._tail.nats(states[:, places], below) - s[places]
        return np.where(targets >= 0, as_surprisal(nats), 0).reshape(ts.T.shape).T
