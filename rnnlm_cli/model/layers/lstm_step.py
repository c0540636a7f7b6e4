"""LSTMStep: the book's LSTM (section 6.3) for scoring and drawing, with no way back."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from rnnlm_cli.arrays import Floats

_ORDER = 2, 0, 3, 1  # the gates i, f, o, g of TimeLSTM's f, g, i, o


def _times(N: int) -> Callable[[Floats, Floats, Floats], object]:
    """W (rows, columns), x (columns, N) or (columns,), out -> out = W @ x, for N streams.

    One stream goes through W by its columns, which are contiguous then: a BLAS adds up columns
    faster than it multiplies rows (650 units: 4% more words scored).
    """
    if N == 1:
        return lambda W, x, out: np.dot(x, W.T, out=out)
    return lambda W, x, out: np.dot(W, x, out=out)


def step_numbers(D: int, H: int, N: int) -> int:
    """How many numbers an LSTMStep of N streams takes: its weights, in order and on the way while
    it is made; and of a stream x, h, the input 4H, the gates and c 5H, (i g, f c) and tanh(c)."""
    return 2 * 4 * H * (D + H) + (D + 13 * H) * N


class LSTMStep:
    """The step of a TimeLSTM's `params` over N streams, in few NumPy calls that allocate nothing.

    At one stream a step is as long as its calls, so they are made few: sigmoid(a) =
    tanh(a / 2) / 2 + 1 / 2 with the inner half in the weights (one tanh for all gates), and i, f,
    o, g and c one above the other in a buffer (5H, N), so that (i, f) * (g, c) is one product.

    All is (rows, N), or (rows,) at one stream; h and c begin with zeros. The weights are copied.
    """

    def __init__(self, params: Mapping[str, Floats], N: int = 1) -> None:
        Wx, Wh, b = params.values()
        (D, H4), dtype = Wx.shape, Wx.dtype
        H = H4 // 4
        halves = np.repeat(np.array([0.5, 0.5, 0.5, 1], dtype), H)
        rows = np.concatenate([np.arange(gate * H, (gate + 1) * H) for gate in _ORDER])
        self._times = _times(N)
        Wx, Wh = (W.T[rows] * halves[:, None] for W in (Wx, Wh))
        self._Wx, self._Wh = (np.asarray(W, order="F" if N == 1 else "C") for W in (Wx, Wh))
        self._b = b[rows] * halves
        streams = () if N == 1 else (N,)
        self._x, self._h = np.empty((D, *streams), dtype), np.zeros((H, *streams), dtype)
        self._input = np.empty((H4, *streams), dtype)
        self._bias = self._b.reshape(-1, *(1 for _ in streams))
        buffer = np.zeros((5 * H, *streams), dtype)
        self._gates, self._sigmoids = buffer[:H4], buffer[: 3 * H]
        self._i_f, self._o, self._g_c = buffer[: 2 * H], buffer[2 * H : 3 * H], buffer[3 * H :]
        self._c = buffer[H4:]
        self._ig_fc = np.empty((2 * H, *streams), dtype)
        self._ig, self._fc = self._ig_fc[:H], self._ig_fc[H:]
        self._tanh_c = np.empty_like(self._c)

    @property
    def carried(self) -> list[Floats]:
        """h and c: arrays (H, N), or (H,) of one stream."""
        return [self._h, self._c]

    def step(self, x: Floats) -> Floats:
        """x (D, N) -> h (H, N), a buffer that the next step overwrites."""
        self._x[...] = x
        # 1. x @ Wx + b
        self._times(self._Wx, self._x, self._input)
        np.add(self._input, self._bias, out=self._input)
        self._recur(self._input)
        return self._h

    def run(self, xs: Floats) -> Floats:
        """xs (T, D), the next T steps of one stream -> hs (T, H)."""
        hs = np.empty((len(xs), len(self._h)), xs.dtype)
        # 1. x @ Wx + b of all steps: one GEMM
        inputs: Floats = xs @ self._Wx.T
        inputs += self._b
        for added, h in zip(inputs, hs, strict=True):
            self._recur(added)
            h[...] = self._h
        return hs

    def _recur(self, added: Floats) -> None:
        # 2. a = h_prev @ Wh + (x @ Wx + b)
        self._times(self._Wh, self._h, self._gates)
        np.add(self._gates, added, out=self._gates)
        # 3. g = tanh(a), i, f, o = sigmoid(a)
        np.tanh(self._gates, out=self._gates)
        np.multiply(self._sigmoids, 0.5, out=self._sigmoids)
        np.add(self._sigmoids, 0.5, out=self._sigmoids)
        # 4. c = i * g + f * c_prev
        np.multiply(self._i_f, self._g_c, out=self._ig_fc)
        np.add(self._ig, self._fc, out=self._c)
        # 5. h = o * tanh(c)
        np.tanh(self._c, out=self._tanh_c)
        np.multiply(self._o, self._tanh_c, out=self._h)
