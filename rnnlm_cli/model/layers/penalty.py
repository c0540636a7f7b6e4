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


class _Penalty:
    """What both share: they pass hs (N, T, H) on and cache it. `weight` is their alpha or beta."""

    def __init__(self, weight: float) -> None:
        self.params: dict[str, Floats] = {}
        self.grads: dict[str, Floats] = {}
        self.weight = weight
        self.hs: Floats | None = None

    def forward(self, hs: Floats, train_flg: bool = True) -> Floats:
        """hs (N, T, H) -> the same."""
        self.hs = hs if train_flg else None
        return hs

    def stepped(self, N: int) -> None:
        """Nothing: scores have no penalty."""


class TimeAR(_Penalty):
    """penalty = alpha * mean of hs²: keeps activations small. hs (N, T, H). Caches hs."""

    def penalty(self) -> float:
        """What is added to the loss, in nats, for the last `forward`."""
        if self.hs is None:
            return 0.0
        return float(self.weight * np.square(self.hs, dtype=np.float64).mean())

    def backward(self, dhs: Floats) -> Floats:
        """dhs + 2 * alpha * hs / their number."""
        if self.hs is None:
            return dhs
        added: Floats = dhs + self.hs * self.hs.dtype.type(2 * self.weight / self.hs.size)
        return added


class TimeTAR(_Penalty):
    """penalty = beta * mean of (hs[t + 1] - hs[t])²: keeps changes small. hs (N, T, H). Caches hs.

    A segment of one step has no change and no penalty.
    """

    def penalty(self) -> float:
        """What is added to the loss, in nats, for the last `forward`."""
        if self.hs is None:
            return 0.0
        changes = np.diff(self.hs.astype(np.float64), axis=1)
        return float(self.weight * np.square(changes).sum() / max(1, changes.size))

    def backward(self, dhs: Floats) -> Floats:
        """dhs + d: of every change, twice beta / their number to its end, less to its beginning."""
        if self.hs is None:
            return dhs
        changes = np.diff(self.hs, axis=1)
        changes *= self.hs.dtype.type(2 * self.weight / max(1, changes.size))
        added = dhs.copy(order="K")
        added[:, 1:] += changes
        added[:, :-1] -= changes
        return added
