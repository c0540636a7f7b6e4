"""TimeAffine: the same linear map at every step (book section 5.4.2)."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.arrays import Doubles, Floats
from rnnlm_cli.model.layers.layer import (
    Gradients,
    NamedArrays,
    Output,
    as_sequence,
    check_sequence,
    columns,
)
from rnnlm_cli.model.layers.output import FusedOutput
from rnnlm_cli.threads import Cores


def affine_numbers(H: int, V: int, R: int) -> int:
    """How many numbers a TimeAffine takes for R = T*N places: ys, dhs, and dW on its way."""
    return (H + V) * R + H * V


class TimeAffine:
    """ys = hs @ W + b

    W (H, V), b (V,); hs (N, T, H); ys (N, T, V). Caches hs.
    """

    def __init__(self, W: Floats, b: Floats, *, grads: dict[str, Floats] | None = None) -> None:
        self.params: dict[str, Floats] = NamedArrays(W=W, b=b)
        self.grads = Gradients.of(self.params) if grads is None else grads
        self.hs: Floats | None = None

    def begin_at(self, shares: Doubles) -> None:
        """Let b be such that hs = 0 predicts each word with its share (V,) of a text, above 0."""
        self.params["b"][...] = np.log(shares)

    def forward(self, hs: Floats, train_flg: bool = True) -> Floats:
        """hs (N, T, H) -> ys (N, T, V)."""
        check_sequence("hs", hs, "(N, T, H)")
        self.hs = hs
        return as_sequence(self._affine(columns(hs)), len(hs))

    def backward(self, dys: Floats) -> Floats:
        """dW = hs' @ dys, db = the sum of dys over N and T, dhs = dys @ W'."""
        assert self.hs is not None, "backward before forward"
        dcolumns = columns(dys)
        self.grads["W"][...] = columns(self.hs) @ dcolumns.T
        self.grads["b"][...] = dcolumns.sum(axis=1)
        return as_sequence(self.params["W"] @ dcolumns, len(dys))

    def scores(self, x: Floats, out: Floats | None = None) -> Floats:
        """x (H, N) or (H,) -> y (V, N) or (V,), whose softmax is p(word); in `out` if given."""
        return self._affine(x, out)

    def fused(self, cores: Cores) -> Output:
        """This layer and its softmax in one, which score and learn on `cores`."""
        return FusedOutput(self, cores)

    def _affine(self, x: Floats, out: Floats | None = None) -> Floats:
        """x (H, N) or (H,) -> W' @ x + b."""
        y: Floats = np.dot(self.params["W"].T, x, out=out)
        y += self.params["b"].reshape(-1, *(1 for _ in x.shape[1:]))
        return y
