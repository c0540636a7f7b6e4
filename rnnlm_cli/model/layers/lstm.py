"""TimeLSTM: the recurrent layer (Hochreiter & Schmidhuber 1997; book sections 6.2 and 6.3).

The four gates stand side by side in the 4H axis of Wx, Wh, b and of every (·, 4H) array:

    columns   gate                      formula, with a = x @ Wx + h_prev @ Wh + b
    0  .. H   f  what c keeps           f = sigmoid(a[f])
    H  .. 2H  g  what is new            g = tanh(a[g])
    2H .. 3H  i  how much of g enters   i = sigmoid(a[i])
    3H .. 4H  o  how much of c shows    o = sigmoid(a[o])

    c = f * c_prev + g * i
    h = o * tanh(c)

This is the book's order; torch has i, f, g, o. A sigmoid is written as a tanh, so that one pass
over a serves all four gates: sigmoid(a) = tanh(a / 2) / 2 + 1 / 2.

In memory a step is a block (4H, N), gate above gate, a unit a row and a stream a column, and the
steps stand one after the other; here the block of H = 2 units and N = 3 streams:

              stream 0   1   2
    f  unit 0        .   .   .      gates    (T, 4H, N): such blocks
       unit 1        .   .   .      cs       (T+1, H, N), the c before the first step included
    g  unit 0        .   .   .      tanh_cs  (T, H, N)
       unit 1        .   .   .      xs, hs   (D, T, N) and (H, T+1, N), see layer.py
    i, o              as well       weights  Wx.T (4H, D) and Wh.T (4H, H): a = Wh.T @ h_prev + ...
"""

from __future__ import annotations

import numpy as np

from rnnlm_cli.arrays import Floats
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.model.layers.dropout import Dealt, draw_mask
from rnnlm_cli.model.layers.layer import (
    Gradients,
    LSTMState,
    NamedArrays,
    Workspace,
    as_sequence,
    check_sequence,
    columns,
    copy,
    into_columns,
    into_steps,
    rows,
)
from rnnlm_cli.model.layers.lstm_step import LSTMStep
from rnnlm_cli.threads import Cores

# Numbers of gates that go through one elementwise pass after the other, in the first cache.
_AT_ONCE = 1 << 13


def lstm_numbers(D: int, H: int, R: int, *, drops: bool, weight_drop: bool) -> int:
    """How many numbers a TimeLSTM holds of R = T*N places, with dropout of h and of its weights."""
    # gates, steps and all steps 4H each; c, tanh(c), dh/dc, h, dh: 5H; and the weights by rows
    held = 17 * H * R + 4 * H * H + D * R
    # of h what is kept; of Wh its mask, and what is left of it
    return held + (H * R if drops else 0) + (2 * 4 * H * H if weight_drop else 0)


class TimeLSTM:
    """T steps of an LSTM over N streams.

    Wx (D, 4H), Wh (H, 4H), b (4H,); xs (N, T, D); hs (N, T, H). A stateful layer starts where the
    last call ended, until `reset_state`. Caches xs, hs, c, tanh(c) and the gates of every step.
    Inside, a step is (H, N): see layer.py. Weights whose transposes are contiguous are fastest.

    Where `train_flg` is set, a share `dropout` of h is dropped on its way to the next step, the
    same units of a stream at every step (Gal & Ghahramani 1512.05287), and a share `weight_drop`
    of Wh is zero, drawn anew for every segment (1708.02182).
    """

    def __init__(
        self,
        Wx: Floats,
        Wh: Floats,
        b: Floats,
        *,
        stateful: bool = False,
        cores: Cores | None = None,
        dropout: float = 0.0,
        weight_drop: float = 0.0,
        rng: np.random.Generator | None = None,
        grads: dict[str, Floats] | None = None,
    ) -> None:
        self.params: dict[str, Floats] = NamedArrays(Wx=Wx, Wh=Wh, b=b)
        self.grads = Gradients.of(self.params) if grads is None else grads
        self.stateful = stateful
        self.state: LSTMState | None = None
        self.dstate: LSTMState | None = None  # of the last backward
        self.dropout, self.weight_drop = dropout, weight_drop
        self.rng = rng or np.random.default_rng()
        self.dealt: Dealt | None = None
        self._cores, self._work = cores or Cores(1), Workspace()
        # xs; what of h goes into each step (H, T, N); Wh as it was used; the masks of both
        self._cache: tuple[Floats, Floats, Floats] | None = None
        self._mask: Floats | None = None  # (H, N)
        self._weight_mask: Floats | None = None  # (H, 4H)

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

    def _draw_masks(self, N: int, train_flg: bool) -> Floats:
        """Draw what this segment drops of h and of Wh; returns Wh (H, 4H) as it is then used."""
        Wh = self.params["Wh"]
        self._mask = self._weight_mask = None
        if train_flg and self.dropout:
            self._mask = draw_mask(self.rng, (N, len(Wh)), self.dropout, Wh, self.dealt)
        if train_flg and self.weight_drop:
            # Drawn as Wh.T lies in memory, and transposed back.
            self._weight_mask = draw_mask(self.rng, Wh.shape, self.weight_drop, Wh).T
            return np.multiply(Wh, self._weight_mask)
        return Wh

    def _buffers(self, N: int, T: int) -> tuple[Floats, Floats, Floats]:
        """What backward needs: gates (T, 4H, N), c of every step (T+1, H, N), tanh(c) (T, H, N)."""
        H, dtype = self.params["Wh"].shape[0], self.params["Wh"].dtype
        return (
            self._work.empty("gates", (T, 4 * H, N), dtype),
            self._work.empty("cs", (T + 1, H, N), dtype),
            self._work.empty("tanh_cs", (T, H, N), dtype),
        )

    def forward(self, xs: Floats, train_flg: bool = True) -> Floats:
        """xs (N, T, D) -> hs (N, T, H)."""
        check_sequence("xs", xs, "(N, T, D)")
        N, T, _ = xs.shape
        Wx, _, b = self.params.values()
        Wh = self._draw_masks(N, train_flg)
        H = Wh.shape[0]
        gates, cs, tanh_cs = self._buffers(N, T)
        hs = np.empty((H, T + 1, N), Wh.dtype)
        kept = hs if self._mask is None else np.empty((H, T, N), Wh.dtype)
        h, c = self._initial_state(N)
        hs[:, 0], cs[0] = h.T, c.T
        product = np.empty((H, N), Wh.dtype)
        recurrent = np.empty((4 * H, N), Wh.dtype)  # stays in the cache, which gates[t] is not in

        # 1. x @ Wx + b of all steps: one large GEMM runs several times faster than T small ones.
        all_steps = self._work.empty("all steps", (4 * H, T * N), Wh.dtype)
        inputs = self._work.empty("steps", gates.shape, Wh.dtype)
        into_steps(np.matmul(Wx.T, columns(xs), out=all_steps), b, inputs, self._cores)
        for t in range(T):
            a, c = gates[t], cs[t + 1]
            f, g, i, o = a[:H], a[H : 2 * H], a[2 * H : 3 * H], a[3 * H :]
            if self._mask is not None:
                np.multiply(hs[:, t], self._mask, out=kept[:, t])
            # 2. a = h_prev @ Wh + (x @ Wx + b)
            np.add(np.matmul(Wh.T, kept[:, t], out=recurrent), inputs[t], out=a)
            # 3. g = tanh(a), f, i, o = sigmoid(a)
            for sigmoids in (f, a[2 * H :]):
                sigmoids *= 0.5
            np.tanh(a, out=a)
            for sigmoids in (f, a[2 * H :]):
                sigmoids *= 0.5
                sigmoids += 0.5
            # 4. c = f * c_prev + g * i
            np.multiply(g, i, out=c)
            c += np.multiply(f, cs[t], out=product)
            # 5. h = o * tanh(c)
            np.tanh(c, out=tanh_cs[t])
            np.multiply(o, tanh_cs[t], out=hs[:, t + 1])

        self._cache = xs, kept[:, :T], Wh
        if self.stateful:
            self.state = LSTMState(hs[:, T].T.copy(), cs[T].T.copy())
        return hs[:, 1:].transpose(2, 1, 0)

    def backward(self, dhs: Floats) -> Floats:
        """dhs (N, T, H) -> dxs (N, T, D).

        The book's names (section 6.3), with ds for what reaches c from h and from later steps:

            ds = dc + dh * o * (1 - tanh(c)^2)        dc of the step before = ds * f
            df = ds * c_prev * f * (1 - f)            dg = ds * i * (1 - g^2)
            di = ds * g * i * (1 - i)                 do = dh * tanh(c) * o * (1 - o)

        and da is the four of them in the order of a. The gradient of the state before the first
        step is left in `dstate`.
        """
        assert self._cache is not None, "backward before forward"
        N, T, H = dhs.shape
        xs, kept, Wh = self._cache
        Wx = self.params["Wx"]
        gates = self._buffers(N, T)[0]
        slopes, dh_dc = self._local_derivatives(N, T)
        by_gate = slopes.reshape(T, 4, H, N)
        dhs_steps = dhs.transpose(2, 1, 0)
        # Wh lies transposed, for forward; T products with a copy that does not save 5 copies' time.
        Wh_rows = self._work.empty("rows", Wh.shape, Wh.dtype)
        copy(Wh, Wh_rows, self._cores)
        dh, dc, product = (np.zeros((H, N), Wh.dtype) for _ in range(3))

        for t in reversed(range(T)):
            da, dfgi, do = slopes[t], by_gate[t, :3], by_gate[t, 3]
            # 5. h = o * tanh(c): dh comes from above and from step t + 1; ds, where dc was
            dh += dhs_steps[:, t]
            ds = dc
            ds += np.multiply(dh, dh_dc[t], out=product)
            # 4. c = f * c_prev + g * i, and 3.: da holds the slopes, see _local_derivatives
            dfgi *= ds
            do *= dh
            dc *= gates[t, :H]
            # 2. a = h_prev @ Wh + ...
            np.matmul(Wh_rows, da, out=dh)
            if self._mask is not None:
                dh *= self._mask
        self.dstate = LSTMState(dh.T, dc.T)

        # 1. and the weights' shares of 2., all steps in one GEMM each
        das = self._work.empty("all steps", (4 * H, T * N), Wh.dtype)
        into_columns(slopes, das, self._cores)
        np.matmul(das, rows(xs), out=self.grads["Wx"].T)
        np.matmul(das, kept.reshape(H, T * N).T, out=self.grads["Wh"].T)
        if self._weight_mask is not None:
            self.grads["Wh"] *= self._weight_mask
        np.matmul(das, np.ones(T * N, das.dtype), out=self.grads["b"])
        return as_sequence(Wx @ das, N)

    def traced(self) -> dict[str, Floats]:
        """Of the last forward f, g, i, o, c and h, each (N, T, H), copied."""
        assert self._cache is not None, "traced before forward"
        N, T, _ = self._cache[0].shape
        gates, cs, tanh_cs = self._buffers(N, T)
        made = dict(zip("fgio", np.split(gates, 4, axis=1), strict=True))
        made |= {"c": cs[1:], "h": made["o"] * tanh_cs}
        return {name: each.transpose(2, 0, 1).copy() for name, each in made.items()}

    def stepped(self, N: int) -> LSTMStep:
        """The step of N streams that begin from zero."""
        return LSTMStep(self.params, N)

    def _local_derivatives(self, N: int, T: int) -> tuple[Floats, Floats]:
        """The factors of the chain rule that no later step changes, for all steps at once.

        Returns slopes (T, 4H, N): df/ds, dg/ds, di/ds and do/dh as `backward` has them, and
        dh/dc (T, H, N): left in the loop over time is what depends on the step after it.
        """
        gates, cs, tanh_cs = self._buffers(N, T)
        H = cs.shape[1]
        slopes = self._work.empty("steps", gates.shape, gates.dtype)
        dh_dc = self._work.empty("dh_dc", tanh_cs.shape, gates.dtype)
        at_once = max(1, _AT_ONCE // gates[0].size)  # steps

        def work(start: int, stop: int) -> None:
            for first in range(start, stop, at_once):
                part = slice(first, min(stop, first + at_once))
                a, slope = gates[part], slopes[part]
                f, g, i, o = (slope[:, k * H : (k + 1) * H] for k in range(4))
                for s, sigmoids in ((f, a[:, :H]), (slope[:, 2 * H :], a[:, 2 * H :])):
                    np.subtract(1, sigmoids, out=s)  # f, i, o: s * (1 - s)
                    s *= sigmoids
                f *= cs[part]
                i *= a[:, H : 2 * H]
                o *= tanh_cs[part]
                for s, tanhs, gate in (
                    (g, a[:, H : 2 * H], a[:, 2 * H : 3 * H]),
                    (dh_dc[part], tanh_cs[part], a[:, 3 * H :]),
                ):
                    np.multiply(tanhs, tanhs, out=s)  # g and tanh(c): 1 - s * s
                    np.subtract(1, s, out=s)
                    s *= gate

        self._cores.split(work, T, numbers=gates.size)
        return slopes, dh_dc
