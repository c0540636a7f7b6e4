"""TimeRNN: the simple recurrent layer of the book's chapter 5 (section 5.3.2; Elman 1990)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from rnnlm_cli.arrays import Floats
from rnnlm_cli.model.layers.layer import check_sequence


class TimeRNN:
    """h[t] = tanh(xs[t] @ Wx + h[t - 1] @ Wh + b)

    Wx (D, H), Wh (H, H), b (H,); xs (N, T, D); hs (N, T, H). Caches xs and h of every step. `h`
    (N, H) is the state after the last step, with which a `stateful` layer starts next time, from
    zeros where it is None. `dh` (N, H) is what `backward` leaves for the h before the first step.
    """

    def __init__(self, Wx: Floats, Wh: Floats, b: Floats, stateful: bool = False) -> None:
        self.params: list[Floats] = [Wx, Wh, b]
        self.grads: list[Floats] = [np.zeros_like(param) for param in self.params]
        self.stateful = stateful
        self.h: Floats | None = None
        self.dh: Floats | None = None
        self._cache: tuple[Floats, Floats] | None = None

    def forward(self, xs: ArrayLike) -> Floats:
        """xs (N, T, D) -> hs (N, T, H)."""
        Wx, Wh, b = self.params
        xs = np.asarray(xs)
        check_sequence("xs", xs, "(N, T, D)")
        N, T, _ = xs.shape
        hs = np.zeros((T + 1, N, len(Wh)), Wh.dtype)
        if self.stateful and self.h is not None:
            hs[0] = self.h
        # 1. a = x @ Wx + b, of all steps at once
        inputs = xs @ Wx + b
        for t in range(T):
            # 2. a += h_prev @ Wh
            a = hs[t] @ Wh + inputs[:, t]
            # 3. h = tanh(a)
            np.tanh(a, out=hs[t + 1])
        self._cache = xs, hs
        self.h = hs[T].copy()
        return hs[1:].transpose(1, 0, 2).copy()

    def backward(self, dhs: ArrayLike) -> Floats:
        """dhs (N, T, H) -> dxs (N, T, D)."""
        assert self._cache is not None, "backward before forward"
        (xs, hs), (Wx, Wh, _), dhs = self._cache, self.params, np.asarray(dhs)
        T = len(hs) - 1
        das, dh = np.empty_like(hs[1:]), np.zeros_like(hs[0])
        for t in reversed(range(T)):
            # 3. h = tanh(a): dh comes from above and from step t + 1
            das[t] = (dhs[:, t] + dh) * (1 - hs[t + 1] ** 2)
            # 2. a += h_prev @ Wh
            dh = das[t] @ Wh.T
        self.dh = dh
        # 1. and the weights' shares of 2., all steps in one product each
        rows, steps = das.reshape(-1, das.shape[2]), xs.transpose(1, 0, 2)
        self.grads[0][...] = steps.reshape(len(rows), -1).T @ rows
        self.grads[1][...] = hs[:-1].reshape(rows.shape).T @ rows
        self.grads[2][...] = rows.sum(axis=0)
        return (das @ Wx.T).transpose(1, 0, 2)

    def set_state(self, h: Floats | None) -> None:
        """What the next `forward` of a stateful layer starts with."""
        self.h = h

    def reset_state(self) -> None:
        """Start from zeros."""
        self.h = None
