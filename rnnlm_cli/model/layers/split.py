"""A softmax in clusters: frequent words first, and the others behind branches.

Not in the book; it stands for the TimeAffine and TimeSoftmaxWithLoss of section 5.4.2.

The adaptive softmax of Grave et al. (1609.04309), at full width and exactly normalised. Words go by
frequency, and edges K < K' < ... cut them into a head and C clusters behind it. The words of the
head compete with C branches, each of which stands for a cluster, whose words share its probability:

    p(w) = exp(y[w]) / Z                      w < K     Z  = sum of exp(y[v]) over v < K, + that of
                                                             exp(s[i]) over the branches
    p(w) = exp(s[i]) / Z * exp(y[w]) / Z[i]   w in i    Z[i] = sum of exp(y[v]) over the cluster i

with y = h @ W + b as ever and the scores of the branches s = h @ w + c. Few places have a target
behind a branch, and only for them is its cluster computed: with a head of 1,500 of PTB's 10,000
words and one cluster that is a third of the products. Which edges pay: training/clusters.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rnnlm_cli.arrays import Doubles, Floats, Ids, as_surprisal, softmax
from rnnlm_cli.model.layers.affine import TimeAffine
from rnnlm_cli.model.layers.cluster import WordCluster
from rnnlm_cli.model.layers.layer import Output, as_sequence, columns
from rnnlm_cli.model.layers.output import mean_weights, states_of, targets_of
from rnnlm_cli.threads import Cores

_AT_ONCE = 1 << 17  # numbers whose exponentials are summed


class TimeSplitAffine(TimeAffine):
    """Scores whose softmax is the split one: ys[head], and s[i] + log softmax(ys[cluster i])

    W (H, V), b (V,), w (H, C) or, of one branch, (H,), c (C,); hs (N, T, H); ys (N, T, V). Caches
    hs and the softmax of each cluster.
    """

    def __init__(
        self,
        W: Floats,
        b: Floats,
        w: Floats,
        c: Floats,
        edges: Sequence[int],
        *,
        grads: dict[str, Floats] | None = None,
    ) -> None:
        super().__init__(W, b, grads=grads)
        self.params |= {"w": w, "c": c}
        self.head = slice(0, edges[0])
        self.clusters = [slice(start, stop) for start, stop in pairwise((*edges, len(b)))]
        self._shares: list[Floats] = []

    def begin_at(self, shares: Doubles) -> None:
        """As TimeAffine does; a branch predicts the share of all words of its cluster."""
        super().begin_at(shares)
        self.params["c"][...] = np.log([shares[words].sum() for words in self.clusters])

    def by_branch(self, arrays: dict[str, Floats]) -> Floats:
        """w (H, C) of the parameters or of their gradients, for one branch too: a view."""
        w = arrays["w"]
        return w.reshape(len(w), -1)

    def branch_scores(self, states: Floats) -> Floats:
        """states (H, ...) -> s (C, ...) of the branches."""
        c = self.params["c"].reshape(-1, *(1 for _ in states.shape[1:]))
        s: Floats = self.by_branch(self.params).T @ states + c
        return s

    def scores(self, x: Floats, out: Floats | None = None) -> Floats:
        """x (H, N) or (H,) -> y (V, N) or (V,), comparable over all clusters."""
        ys = self._affine(x, out)
        self._compare(ys, x)
        return ys

    def fused(self, cores: Cores) -> Output:
        """This layer and its softmax in one, which score and learn on `cores`."""
        return FusedSplitOutput(self, cores)

    def _compare(self, ys: Floats, states: Floats) -> None:
        """Make ys (V, ...) = W' @ states + b of states (H, ...) the scores of this layer."""
        for words, s in zip(self.clusters, self.branch_scores(states), strict=True):
            own = ys[words]
            own -= own.max(axis=0)
            own += s - np.log(_exp_totals(own))

    def forward(self, hs: Floats, train_flg: bool = True) -> Floats:
        """hs (N, T, H) -> ys (N, T, V)."""
        # 1. ys = hs @ W + b
        ys = super().forward(hs)
        self._shares = [softmax(ys[..., words]) for words in self.clusters]
        # 2. ys[cluster] = s + log softmax(ys[cluster])
        self._compare(columns(ys), columns(hs))
        return ys

    def backward(self, dys: Floats) -> Floats:
        """Of each cluster: ds = the sum of dys, dys - softmax(ys) * ds for the scores below."""
        assert self.hs is not None, "backward before forward"
        # 2. ys[cluster] = s + log softmax(ys[cluster])
        ds = np.stack([dys[..., words].sum(axis=-1) for words in self.clusters], axis=-1)
        below = [dys[..., self.head]]
        for i, (words, shares) in enumerate(zip(self.clusters, self._shares, strict=True)):
            below.append(dys[..., words] - shares * ds[..., i, None])
        self.by_branch(self.grads)[...] = np.einsum("nth,ntc->hc", self.hs, ds)
        self.grads["c"][...] = ds.sum(axis=(0, 1))
        # 1. ys = hs @ W + b
        dys_below = np.concatenate(below, axis=-1)
        dhs: Floats = super().backward(dys_below) + ds @ self.by_branch(self.params).T
        return dhs


def _exp_totals(ys: Floats) -> Floats:
    """ys (V, ...) -> the sum of their exponentials (...)."""
    at_once = max(1, _AT_ONCE * len(ys) // ys.size)  # words, so that little memory is taken
    parts = (np.exp(ys[i : i + at_once]).sum(axis=0) for i in range(0, len(ys), at_once))
    return reduce(np.add, parts)


class FusedSplitOutput:
    """TimeSplitAffine + TimeSoftmaxWithLoss in one: as FusedOutput, for the split softmax."""

    def __init__(self, affine: TimeSplitAffine, cores: Cores | None = None) -> None:
        self.params, self.grads, self._affine = affine.params, affine.grads, affine
        cores, W, b = cores or Cores(), affine.params["W"], affine.params["b"]
        self._head, *self._clusters = (
            WordCluster(W[:, words], b[words], cores) for words in (affine.head, *affine.clusters)
        )
        self._dhs: Floats | None = None

    def _places(self, targets: Ids) -> list[NDArray[np.intp]]:
        """Of each cluster the places (R[i],) whose target, of targets (R,), is one of its words."""
        return [
            np.flatnonzero((words.start <= targets) & (targets < words.stop))
            for words in self._affine.clusters
        ]

    def _in_head(self, targets: Ids) -> Ids:
        """The targets (R,) with -1 for those that are not in the head."""
        return np.where(targets >= self._affine.head.stop, -1, targets)

    def _into(self, words: slice) -> tuple[Floats, Floats]:
        """Where the gradients of those words go."""
        return self.grads["W"][:, words], self.grads["b"][words]

    def forward(self, hs: Floats, ts: Ids) -> float:
        """hs (N, T, H), ts (N, T) -> loss; 0 where no place is scored. Fills `grads`."""
        states, targets, affine = states_of(hs, self.params["W"]), targets_of(ts), self._affine
        weights, s = mean_weights(targets), affine.branch_scores(states)
        # 1. the head and the branches, for all places
        nats, dstates, shares = self._head.train(
            states, self._in_head(targets), weights, self._into(affine.head), s
        )
        # 2. the branches: ds = (their probability - 1 where it was right) * weight
        ds = (shares * weights).astype(states.dtype)
        places = self._places(targets)
        for i, (here, words) in enumerate(zip(places, affine.clusters, strict=True)):
            # 3. each cluster, for the places that need it
            own_nats, own, _ = self._clusters[i].train(
                states[:, here], targets[here] - words.start, weights[here], self._into(words)
            )
            dstates[:, here] += own
            ds[i, here] -= weights[here].astype(states.dtype)
            nats[here] += own_nats - s[i, here]
        np.matmul(states, ds.T, out=affine.by_branch(self.grads))
        self.grads["c"][...] = ds.sum(axis=1)
        dstates += affine.by_branch(self.params) @ ds
        self._dhs = as_sequence(dstates, len(hs))
        return float(weights @ nats)

    def backward(self) -> Floats:
        """-> dhs (N, T, H), computed by `forward`."""
        assert self._dhs is not None, "backward before forward"
        return self._dhs

    def nats(self, hs: Floats, ts: Ids) -> Doubles:
        """hs (N, T, H), ts (N, T) -> -log probability (N, T) of each target, 0 where not scored."""
        states, targets = states_of(hs, self.params["W"]), targets_of(ts)
        s = self._affine.branch_scores(states)
        nats = self._head.nats(states, self._in_head(targets), s)
        for i, here in enumerate(self._places(targets)):
            if len(here):
                below = targets[here] - self._affine.clusters[i].start
                nats[here] += self._clusters[i].nats(states[:, here], below) - s[i, here]
        return np.where(targets >= 0, as_surprisal(nats), 0).reshape(ts.T.shape).T
