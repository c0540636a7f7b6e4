"""TimeResidual: a layer that adds to its input (He et al. 1512.03385; for LSTMs 1609.08144)."""

from __future__ import annotations

from rnnlm_cli.arrays import Array
from rnnlm_cli.model.layers.layer import Layer


class TimeResidual:
    """ys = layer(xs) + xs

    xs, ys (N, T, H): the layer's input and output have the same size. Its arrays are the layer's.
    """

    def __init__(self, layer: Layer) -> None:
        self.layer, self.params, self.grads = layer, layer.params, layer.grads

    def forward(self, xs: Array) -> Array:
        """xs (N, T, H) -> ys (N, T, H)."""
        return self.layer.forward(xs) + xs

    def backward(self, dys: Array) -> Array:
        """dxs = what the layer gives for dys, + dys."""
        dxs = self.layer.backward(dys)
        assert dxs is not None
        return dxs + dys
