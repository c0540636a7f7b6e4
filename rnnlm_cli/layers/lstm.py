"""TimeLSTM: the recurrent layer (Hochreiter & Schmidhuber 1997; book sections 6.2 and 6.3).

The four gates stand side by side in the 4H axis of Wx, Wh, b and of every (·, 4H) array:

    columns   gate                      formula, with a = x @ Wx + h_prev @ Wh + b
    0  .. H   f  what c keeps           f = sigmoid(a[f])
    H  .. 2H  g  what is new            g = tanh(a[g])
    2H .. 3H  i  how much of g enters   i = sigmoid(a[i])
    3H .. 4H  o  how much of c shows    o = sigmoid(a[o])

    c = f * c_prev + g * i
    h = o * tanh(c)

This is the book's order; torch has i, f, g, o.
"""

from __future__ import annotations

import numpy as np

from rnnlm_cli.errors import ConfigError
from rnnlm_cli.functions import Array
from rnnlm_cli.layers.layer import LSTMState, Workspace, as_sequence, time_major_rows


class TimeLSTM:
    """T steps of an LSTM over N streams.

    Wx (D, 4H), Wh (H, 4H), b (4H,); xs (N, T, D); hs (N, T, H). A stateful layer starts where the
    last call ended, until `reset_state`. Caches xs, hs, c, tanh(c) and the gates of every step.
    """

    def __init__(self, Wx: Array, Wh: Array, b: Array, *, stateful: bool = False) -> None:
        self.params = {"Wx": Wx, "Wh": Wh, "b": b}
        self.grads = {name: np.zeros_like(array) for name, array in self.params.items()}
        self.stateful = stateful
        self.state: LSTMState | None = None
        self.dstate: LSTMState | None = None  # gradient of the state before the first step
        self._work = Workspace()
        self._cache: tuple[Array, Array] | None = None  # xs, and hs from step 0 on
        H = Wh.shape[0]
        # sigmoid(a) = tanh(a / 2) / 2 + 1 / 2: one tanh over all 4H columns serves all four gates.
        self._scale = np.full(4 * H, 0.5, Wh.dtype)
        self._scale[H : 2 * H] = 1
        self._shift = np.full(4 * H, 0.5, Wh.dtype)
        self._shift[H : 2 * H] = 0

    def reset_state(self) -> None:
        """Forget: the next call starts from zero."""
        self.state = None

    def _initial_state(self, N: int) -> LSTMState:
        if self.stateful and self.state is not None:
            streams = self.state.h.shape[0]
            if streams != N:
                raise ConfigError(
                    f"the LSTM carries the state of {streams} streams, but was given {N}: "
                    "call reset_state() first, or work inside fresh_state()"
                )
            return self.state
        zeros = np.zeros((N, self.params["Wh"].shape[0]), self.params["Wh"].dtype)
        return LSTMState(zeros, zeros)

    def _buffers(self, N: int, T: int) -> tuple[Array, Array, Array]:
        """What backward needs: gates (T, N, 4H), c of every step (T+1, N, H), tanh(c) (T, N, H)."""
        H, dtype = self.params["Wh"].shape[0], self.params["Wh"].dtype
        return (
            self._work.empty("gates", (T, N, 4 * H), dtype),
            self._work.empty("cs", (T + 1, N, H), dtype),
            self._work.empty("tanh_cs", (T, N, H), dtype),
        )

    def forward(self, xs: Array) -> Array:
        """xs (N, T, D) -> hs (N, T, H)."""
        N, T, _ = xs.shape
        Wx, Wh, b = self.params["Wx"], self.params["Wh"], self.params["b"]
        H = Wh.shape[0]
        gates, cs, tanh_cs = self._buffers(N, T)
        hs = np.empty((T + 1, N, H), Wh.dtype)
        hs[0], cs[0] = self._initial_state(N)
        recurrent = self._work.empty("recurrent", (N, 4 * H), Wh.dtype)

        # 1. x @ Wx + b of all steps: one large GEMM runs several times faster than T small ones.
        np.matmul(time_major_rows(xs), Wx, out=gates.reshape(T * N, 4 * H))
        gates += b
        for t in range(T):
            a, c, h = gates[t], cs[t + 1], hs[t + 1]
            # 2. a = (x @ Wx + b) + h_prev @ Wh
            a += np.matmul(hs[t], Wh, out=recurrent)
            # 3. f, i, o = sigmoid(a), g = tanh(a)
            a *= self._scale
            np.tanh(a, out=a)
            a *= self._scale
            a += self._shift
            # 4. c = f * c_prev + g * i
            np.multiply(a[:, H : 2 * H], a[:, 2 * H : 3 * H], out=c)
            c += np.multiply(a[:, :H], cs[t], out=h)
            # 5. h = o * tanh(c)
            np.tanh(c, out=tanh_cs[t])
            np.multiply(a[:, 3 * H :], tanh_cs[t], out=h)

        self._cache = xs, hs
        if self.stateful:
            self.state = LSTMState(hs[T].copy(), cs[T].copy())
        return hs[1:].swapaxes(0, 1)

    def backward(self, dhs: Array) -> Array:
        """dhs (N, T, H) -> dxs (N, T, D); the gradient stops at the state before the first step."""
        assert self._cache is not None, "backward before forward"
        N, T, H = dhs.shape
        xs, hs = self._cache
        Wx, Wh = self.params["Wx"], self.params["Wh"]
        gates, cs, tanh_cs = self._buffers(N, T)
        da, dh_dc = self._local_derivatives(gates, cs, tanh_cs)
        da_gates = da.reshape(T, N, 4, H)
        dhs_steps = dhs.swapaxes(0, 1)
        dh = np.zeros((N, H), Wh.dtype)
        dc = np.zeros((N, H), Wh.dtype)
        product = np.empty((N, H), Wh.dtype)

        for t in reversed(range(T)):
            # 5. h = o * tanh(c): dh comes from above and from step t + 1
            dh += dhs_steps[t]
            dc += np.multiply(dh, dh_dc[t], out=product)
            # 4. c = f * c_prev + g * i, and 3.: da holds the slopes, see _local_derivatives
            da_gates[t, :, :3] *= dc[:, None]
            da_gates[t, :, 3] *= dh
            dc *= gates[t, :, :H]
            # 2. a = ... + h_prev @ Wh
            np.matmul(da[t], Wh.T, out=dh)
        self.dstate = LSTMState(dh, dc)

        # 1. and the weights' shares of 2., all steps in one GEMM each
        da_rows = da.reshape(T * N, 4 * H)
        np.matmul(time_major_rows(xs).T, da_rows, out=self.grads["Wx"])
        np.matmul(hs[:T].reshape(T * N, H).T, da_rows, out=self.grads["Wh"])
        np.sum(da_rows, axis=0, out=self.grads["b"])
        return as_sequence(da_rows @ Wx.T, N)

    def _local_derivatives(self, gates: Array, cs: Array, tanh_cs: Array) -> tuple[Array, Array]:
        """The factors of the chain rule that no later step changes, for all steps at once.

        Returns slopes (T, N, 4H): dc/da[f], dc/da[g], dc/da[i], dh/da[o], and dh/dc (T, N, H):
        what is left in the loop over time is what depends on the step after it.
        """
        T, N, H4 = gates.shape
        H = H4 // 4
        g, i, o = (gates[..., k * H : (k + 1) * H] for k in (1, 2, 3))
        slopes = self._work.empty("slopes", gates.shape, gates.dtype)
        dh_dc = self._work.empty("dh_dc", (T, N, H), gates.dtype)
        np.multiply(gates, gates, out=slopes)
        np.subtract(gates, slopes, out=slopes)  # f, i, o: s * (1 - s)
        slopes[..., :H] *= cs[:-1]
        slopes[..., 2 * H : 3 * H] *= g
        slopes[..., 3 * H :] *= tanh_cs
        dg = slopes[..., H : 2 * H]
        np.multiply(g, g, out=dg)
        np.subtract(1, dg, out=dg)  # g: 1 - g * g
        dg *= i
        np.multiply(tanh_cs, tanh_cs, out=dh_dc)
        np.subtract(1, dh_dc, out=dh_dc)
        dh_dc *= o
        return slopes, dh_dc
