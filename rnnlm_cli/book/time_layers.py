"""The book's layers over time (`common/time_layers.py`; sections 5.4.2, 6.3.1, 6.5.2).

Each is the layer of that name in rnnlm_cli.model.layers, where its formula and its way back are,
with what the book's readers work with: lists `params` and `grads` instead of dicts, positional
arguments, an attribute `train_flg`, lists for arrays. xs and hs are (N, T, ·). Results are of the
dtype of the weights.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from rnnlm_cli.arrays import Floats, Ids
from rnnlm_cli.model import layers
from rnnlm_cli.model.layers import Layer, LSTMState


class _Listed:
    """The arrays of a layer as the book's lists: `params` those that were given, and `grads`."""

    def __init__(self, layer: Layer | layers.TimeEmbedding) -> None:
        self._names = tuple(layer.params.keys())
        self._arrays = layer.params
        self.params: list[Floats] = list(layer.params.values())
        self.grads: list[Floats] = [layer.grads[name] for name in self._names]

    def _take_params(self) -> None:
        """Let the layer work with `params` as they are now, should one have been replaced."""
        self._arrays.update(zip(self._names, self.params, strict=True))


class TimeEmbedding(_Listed):
    """xs (N, T) ids -> word vectors (N, T, D) out of W (V, D)."""

    def __init__(self, W: Floats) -> None:
        self._layer = layers.TimeEmbedding(W)
        super().__init__(self._layer)

    @property
    def W(self) -> Floats:
        """The word vectors (V, D)."""
        return self.params[0]

    def forward(self, xs: ArrayLike) -> Floats:
        """xs (N, T) ids -> (N, T, D)."""
        self._take_params()
        return self._layer.forward(np.asarray(xs))

    def backward(self, dout: ArrayLike) -> None:
        """dout (N, T, D): fill `grads`."""
        self._layer.backward(np.asarray(dout))


class TimeAffine(_Listed):
    """x (N, T, H) -> x @ W + b (N, T, V), W (H, V) and b (V,)."""

    def __init__(self, W: Floats, b: Floats) -> None:
        self._layer = layers.TimeAffine(W, b)
        super().__init__(self._layer)

    def forward(self, x: ArrayLike) -> Floats:
        """x (N, T, H) -> (N, T, V)."""
        self._take_params()
        return self._layer.forward(np.asarray(x))

    def backward(self, dout: ArrayLike) -> Floats:
        """dout (N, T, V) -> dx (N, T, H)."""
        return self._layer.backward(np.asarray(dout))


class TimeLSTM(_Listed):
    """xs (N, T, D) -> hs (N, T, H); Wx (D, 4H), Wh (H, 4H), b (4H,), gates in the order f, g, i, o.

    `h` and `c` (N, H) are the state after the last step; a `stateful` layer starts with them next
    time, zeros where one is None. `dh` (N, H) is what `backward` leaves for the h before the first
    step: the gradient that a decoder gives back to its encoder.
    """

    def __init__(self, Wx: Floats, Wh: Floats, b: Floats, stateful: bool = False) -> None:
        self._layer = layers.TimeLSTM(Wx, Wh, b, stateful=True)
        super().__init__(self._layer)
        self.stateful = stateful
        self.h: Floats | None = None
        self.c: Floats | None = None
        self.dh: Floats | None = None

    def forward(self, xs: ArrayLike) -> Floats:
        """xs (N, T, D) -> hs (N, T, H)."""
        xs = np.asarray(xs)
        if not self.stateful:
            self.reset_state()
        self._take_params()
        self._layer.state = self._given_state(len(xs))
        # A copy: what a script does to it must not reach what the layer keeps for its way back.
        hs = self._layer.forward(xs).copy(order="K")
        assert self._layer.state is not None, "the layer below is stateful"
        self.h, self.c = self._layer.state
        return hs

    def _given_state(self, N: int) -> LSTMState | None:
        if self.h is None and self.c is None:
            return None
        zeros = np.zeros((N, len(self.params[1])), self.params[1].dtype)
        h, c = (zeros if s is None else np.asarray(s) for s in (self.h, self.c))
        return LSTMState(h, c)

    def backward(self, dhs: ArrayLike) -> Floats:
        """dhs (N, T, H) -> dxs (N, T, D)."""
        dxs = self._layer.backward(np.asarray(dhs))
        assert self._layer.dstate is not None, "backward leaves it"
        self.dh = self._layer.dstate.h
        return dxs

    def set_state(self, h: Floats | None, c: Floats | None = None) -> None:
        """What the next `forward` of a stateful layer starts with."""
        self.h, self.c = h, c

    def reset_state(self) -> None:
        """Start from zeros."""
        self.h, self.c = None, None


class TimeDropout:
    """xs * mask while `train_flg`, xs otherwise; `np.random.rand` decides. xs of any shape."""

    def __init__(self, dropout_ratio: float = 0.5) -> None:
        self.params: list[Floats] = []
        self.grads: list[Floats] = []
        self.dropout_ratio, self.train_flg = dropout_ratio, True
        self.mask: Floats | None = None  # of the shape of xs

    def forward(self, xs: ArrayLike) -> Floats:
        """xs -> the same with a share `dropout_ratio` set to zero, the rest / (1 - ratio)."""
        xs, self.mask = np.asarray(xs), None
        if self.train_flg:
            kept = np.random.rand(*xs.shape) > self.dropout_ratio
            dtype = xs.dtype if xs.dtype.kind == "f" else np.dtype(np.float32)
            self.mask = kept.astype(dtype) * dtype.type(1 / (1 - self.dropout_ratio))
        return self._masked(xs)

    def backward(self, dout: ArrayLike) -> Floats:
        """dout * mask, of the shape of xs."""
        return self._masked(np.asarray(dout))

    def _masked(self, xs: Floats) -> Floats:
        return xs if self.mask is None else xs * self.mask


class TimeSoftmaxWithLoss:
    """xs (N, T, V) scores, ts targets -> mean loss in nats over those that are not `ignore_label`.

    ts are ids (N, T), or one-hot (N, T, V).
    """

    def __init__(self) -> None:
        self.params: list[Floats] = []
        self.grads: list[Floats] = []
        self.ignore_label = -1
        self._layer = layers.TimeSoftmaxWithLoss()

    def forward(self, xs: ArrayLike, ts: ArrayLike) -> float:
        """xs (N, T, V), ts (N, T) or (N, T, V) -> loss."""
        return self._layer.forward(np.asarray(xs), self._ids(ts))

    def _ids(self, ts: Any) -> Ids:
        ids = np.asarray(ts)
        if ids.ndim == 3:
            ids = ids.argmax(axis=2)
        return ids if self.ignore_label == -1 else np.where(ids == self.ignore_label, -1, ids)

    def backward(self, dout: float = 1) -> Floats:
        """-> dxs (N, T, V)."""
        return self._layer.backward(dout)
