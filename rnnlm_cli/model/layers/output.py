"""FusedOutput: TimeAffine + TimeSoftmaxWithLoss in one, as training and scoring use them.

The book has them apart (section 5.4.2).
"""

from __future__ import annotations

import numpy as np

from rnnlm_cli.arrays import Doubles, Floats, Ids, as_surprisal
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.model.layers.cluster import WordCluster
from rnnlm_cli.model.layers.layer import Layer, as_sequence, check_sequence, columns
from rnnlm_cli.threads import Cores


def targets_of(ts: Ids) -> Ids:
    """ts (N, T) -> (T*N,), in the order of the `columns` of states."""
    check_sequence("ts", ts, "(N, T)")
    return ts.T.reshape(-1)


def states_of(hs: Floats, W: Floats) -> Floats:
    """hs (N, T, H) -> their `columns` (H, T*N), for weights W (H, V)."""
    if hs.shape[-1] != len(W):
        raise ConfigError(
            f"hs has {hs.shape[-1]:,} numbers a place, but this layer reads hidden states of "
            f"{len(W):,}, not scores: the loss_layer of rnnlm_cli.book's models takes those"
        )
    return columns(hs)


def mean_weights(targets: Ids) -> Doubles:
    """targets (R,) -> the weight (R,) of each place in a mean over those that are scored."""
    scored = targets >= 0
    return scored.astype(np.float64) / max(1, int(scored.sum()))


def output_numbers(H: int, R: int) -> int:
    """How many numbers a FusedOutput takes beside the scores of R = T*N places: the states scaled,
    the shares in their gradient of two threads, and that."""
    return 4 * H * R


class FusedOutput:
    """loss = -mean over the scored places of log softmax(hs @ W + b)[ts], in nats a token

    W (H, V), b (V,): the arrays of `affine`, shared; hs (N, T, H); ts (N, T), -1 where nothing is
    scored. `forward` leaves dW and db in `grads` and keeps dhs for `backward`: the scores that a
    separate backward would need are gone by then. See WordCluster for how.
    """

    def __init__(self, affine: Layer, cores: Cores | None = None) -> None:
        self.params, self.grads = affine.params, affine.grads
        self._all = WordCluster(affine.params["W"], affine.params["b"], cores or Cores())
        self._dhs: Floats | None = None

    def forward(self, hs: Floats, ts: Ids) -> float:
        """hs (N, T, H), ts (N, T) -> loss; 0 where no place is scored. Fills `grads`."""
        targets = targets_of(ts)
        weights = mean_weights(targets)
        into = self.grads["W"], self.grads["b"]
        nats, dstates, _ = self._all.train(states_of(hs, self.params["W"]), targets, weights, into)
        self._dhs = as_sequence(dstates, len(hs))
        return float(weights @ nats)

    def backward(self) -> Floats:
        """-> dhs (N, T, H), computed by `forward`."""
        assert self._dhs is not None, "backward before forward"
        return self._dhs

    def nats(self, hs: Floats, ts: Ids) -> Doubles:
        """hs (N, T, H), ts (N, T) -> -log probability (N, T) of each target, 0 where not scored."""
        targets = targets_of(ts)
        nats = self._all.nats(states_of(hs, self.params["W"]), targets)
        return np.where(targets >= 0, as_surprisal(nats), 0).reshape(ts.T.shape).T
