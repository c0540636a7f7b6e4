"""TimeAR and TimeTAR: activation regularisation, and the same of its changes (1708.01009).

Two layers that pass everything on and, in training, add the gradient of a penalty on their way
back: the loss that is reported stays the cross entropy. Not in the book.
"""

from __future__ import annotations

import numpy as np

from rnnlm_cli.arrays import Floats


def penalty_numbers(H: int, R: int) -> int:
    """How many numbers a penalty takes for R = T*N places: its gradient, and the sum with dhs."""
    return 2 * H * R


class TimeAR:
    """penalty = alpha * mean of hs²: keeps activations small. hs (N, T, H). Caches hs."""

    def __init__(self, alpha: float) -> None:
        self.params: dict[str, Floats] = {}
        self.grads: dict[str, Floats] = {}
        self.alpha = alpha
        self.hs: Floats | None = None

    def forward(self, hs: Floats, train_flg: bool = True) -> Floats:
        """hs (N, T, H) -> the same."""
        self.hs = hs if train_flg else None
        return hs

    def penalty(self) -> float:
        """What is added to the loss, in nats, for the last `forward`."""
        if self.hs is None:
            return 0.0
        return float(self.alpha * np.square(self.hs, dtype=np.float64).mean())

    def backward(self, dhs: Floats) -> Floats:
        """dhs + 2 * alpha * hs / their number."""
        if self.hs is None:
            return dhs
        added: Floats = dhs + self.hs * self.hs.dtype.type(2 * self.alpha / self.hs.size)
        return added

    def stepped(self, N: int) -> None:
        """Nothing: scores have no penalty."""


class TimeTAR:
    """penalty = beta * mean of (hs[t + 1] - hs[t])²: keeps changes small. hs (N, T, H). Caches hs.

    A segment of one step has no change and no penalty.
    """

    def __init__(self, beta: float) -> None:
        self.params: dict[str, Floats] = {}
        self.grads: dict[str, Floats] = {}
        self.beta = beta
        self.hs: Floats | None = None

    def forward(self, hs: Floats, train_flg: bool = True) -> Floats:
        """hs (N, T, H) -> the same."""
        self.hs = hs if train_flg else None
        return hs

    def penalty(self) -> float:
        """What is added to the loss, in nats, for the last `forward`."""
        if self.hs is None:
            return 0.0
        changes = np.diff(self.hs.astype(np.float64), axis=1)
        return float(self.beta * np.square(changes).sum() / max(1, changes.size))

    def backward(self, dhs: Floats) -> Floats:
        """dhs + d: of every change, twice beta / their number to its end, less to its beginning."""
        if self.hs is None:
            return dhs
        changes = np.diff(self.hs, axis=1)
        changes *= self.hs.dtype.type(2 * self.beta / max(1, changes.size))
        added = dhs.copy(order="K")
        added[:, 1:] += changes
        added[:, :-1] -= changes
        return added

    def stepped(self, N: int) -> None:
        """Nothing: scores have no penalty."""
