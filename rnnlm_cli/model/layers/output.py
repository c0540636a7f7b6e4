"""FusedOutput: TimeAffine + TimeSoftmaxWithLoss in one, as training and scoring use them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnlm_cli.arrays import Array, as_surprisal
from rnnlm_cli.model.layers.affine import TimeAffine
from rnnlm_cli.model.layers.cluster import Floats, WordCluster
from rnnlm_cli.model.layers.layer import as_sequence, columns
from rnnlm_cli.threads import Cores


def mean_weights(targets: NDArray[np.integer]) -> Floats:
    """targets (R,) -> the weight (R,) of each place in a mean over those that are scored."""
    scored = targets >= 0
    return scored.astype(np.float64) / max(1, int(scored.sum()))


class FusedOutput:
    """loss = -mean over the scored places of log softmax(hs @ W + b)[ts], in nats a token

    W (H, V), b (V,): the arrays of `affine`, shared; hs (N, T, H); ts (N, T), -1 where nothing is
    scored. `forward` leaves dW and db in `grads` and keeps dhs for `backward`: the scores that a
    separate backward would need are gone by then. See WordCluster for how.
    """

    def __init__(self, affine: TimeAffine, cores: Cores | None = None) -> None:
        self.params, self.grads = affine.params, affine.grads
        W, b, dW, db = (part[key] for part in (affine.params, affine.grads) for key in ("W", "b"))
        self._all = WordCluster(W, b, dW, db, cores or Cores())
        self._dhs: Array | None = None

    def forward(self, hs: Array, ts: NDArray[np.integer]) -> float:
        """hs (N, T, H), ts (N, T) -> loss; 0 where no place is scored. Fills `grads`."""
        targets = ts.T.reshape(-1)
        weights = mean_weights(targets)
        nats, dstates, _ = self._all.train(columns(hs), targets, weights)
        self._dhs = as_sequence(dstates, len(hs))
        return float(weights @ nats)

    def backward(self) -> Array:
        """-> dhs (N, T, H), computed by `forward`."""
        assert self._dhs is not None, "backward before forward"
        return self._dhs

    def nats(self, hs: Array, ts: NDArray[np.integer]) -> Floats:
        """hs (N, T, H), ts (N, T) -> -log probability (N, T) of each target, 0 where not scored."""
        targets = ts.T.reshape(-1)
        nats = self._all.nats(columns(hs), targets)
        return np.where(targets >= 0, as_surprisal(nats), 0).reshape(ts.T.shape).T
