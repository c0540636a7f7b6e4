"""TimeAR and TimeTAR: activation regularisation, and the same of its changes (1708.01009).

Two layers that pass everything on and add the gradient of a penalty on their way back: the loss
that is reported stays the cross entropy.
"""

from __future__ import annotations

import numpy as np

from rnnlm_cli.arrays import Array


class TimeAR:
    """penalty = alpha * mean of hs²: keeps activations small. hs (N, T, H). Caches hs."""

    def __init__(self, alpha: float) -> None:
        self.params: dict[str, Array] = {}
        self.grads: dict[str, Array] = {}
        self.alpha = alpha
        self.hs: Array | None = None

    def forward(self, hs: Array) -> Array:
        """hs (N, T, H) -> the same."""
        self.hs = hs
        return hs

    def penalty(self) -> float:
        """What is added to the loss, in nats, for the last `forward`."""
        assert self.hs is not None, "penalty before forward"
        return float(self.alpha * np.square(self.hs, dtype=np.float64).mean())

    def backward(self, dhs: Array) -> Array:
        """dhs + 2 * alpha * hs / their number."""
        assert self.hs is not None, "backward before forward"
        added: Array = dhs + self.hs * self.hs.dtype.type(2 * self.alpha / self.hs.size)
        return added


class TimeTAR:
    """penalty = beta * mean of (hs[t + 1] - hs[t])²: keeps changes small. hs (N, T, H). Caches hs.

    A segment of one step has no change and no penalty.
    """

    def __init__(self, beta: float) -> None:
        self.params: dict[str, Array] = {}
        self.grads: dict[str, Array] = {}
        self.beta = beta
        self.hs: Array | None = None

    def forward(self, hs: Array) -> Array:
        """hs (N, T, H) -> the same."""
        self.hs = hs
        return hs

    def penalty(self) -> float:
        """What is added to the loss, in nats, for the last `forward`."""
        assert self.hs is not None, "penalty before forward"
        changes = np.diff(self.hs.astype(np.float64), axis=1)
        return float(self.beta * np.square(changes).sum() / max(1, changes.size))

    def backward(self, dhs: Array) -> Array:
        """dhs + d: of every change, twice beta / their number to its end, less to its beginning."""
        assert self.hs is not None, "backward before forward"
        changes = np.diff(self.hs, axis=1)
        changes *= self.hs.dtype.type(2 * self.beta / max(1, changes.size))
        added = dhs.copy(order="K")
        added[:, 1:] += changes
        added[:, :-1] -= changes
        return added
