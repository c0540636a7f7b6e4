"""The map from the last LSTM to the size of a word vector, for tied weights of other sizes.

Not in the book, whose tied models have one size (section 6.5.4).
"""

from __future__ import annotations

from rnnlm_cli.arrays import Floats
from rnnlm_cli.model.layers.affine import TimeAffine


class Projection(TimeAffine):
    """A TimeAffine between layers, W (H, D) and b (D,), whose steps need no way back."""

    def stepped(self, N: int) -> Projection:
        """Itself: a step leaves nothing behind."""
        return self

    @property
    def carried(self) -> list[Floats]:
        """Nothing."""
        return []

    def step(self, x: Floats) -> Floats:
        """x (H, N) or (H,) -> y (D, N) or (D,)."""
        return self._affine(x)

    def run(self, xs: Floats) -> Floats:
        """xs (T, H) -> ys (T, D)."""
        ys: Floats = xs @ self.params["W"] + self.params["b"]
        return ys
