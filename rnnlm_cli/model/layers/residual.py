"""TimeResidual: a layer that adds to its input (He et al. 1512.03385; for LSTMs 1609.08144).

The book only has it in its list of what leads further (section 6.5.5).
"""

from __future__ import annotations

from rnnlm_cli.arrays import Floats
from rnnlm_cli.model.layers.layer import InnerLayer, Step


def residual_numbers(H: int, R: int) -> int:
    """How many numbers a TimeResidual takes for R = T*N places: its sum, each way."""
    return 2 * H * R


class TimeResidual:
    """ys = layer(xs) + xs

    xs, ys (N, T, H): the layer's input and output have the same size. Its arrays are the layer's.
    """

    def __init__(self, layer: InnerLayer) -> None:
        self.layer, self.params, self.grads = layer, layer.params, layer.grads

    def forward(self, xs: Floats, train_flg: bool = True) -> Floats:
        """xs (N, T, H) -> ys (N, T, H)."""
        return self.layer.forward(xs, train_flg) + xs

    def backward(self, dys: Floats) -> Floats:
        """dxs = what the layer gives for dys, + dys."""
        return self.layer.backward(dys) + dys

    def stepped(self, N: int) -> Step | None:
        """The same for one step."""
        below = self.layer.stepped(N)
        return None if below is None else ResidualStep(below)


class ResidualStep:
    """y = layer(x) + x"""

    def __init__(self, below: Step) -> None:
        self._below = below

    @property
    def carried(self) -> list[Floats]:
        """What the layer carries."""
        return self._below.carried

    def step(self, x: Floats) -> Floats:
        """x (H, N) or (H,) -> y, as long."""
        return self._below.step(x) + x

    def run(self, xs: Floats) -> Floats:
        """xs (T, H) -> ys (T, H)."""
        ys = self._below.run(xs)
        ys += xs
        return ys
