"""Gradients that are clipped together (`ch06/clip_grads.py`, section 6.1.4)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rnnlm_cli.arrays import Floats
from rnnlm_cli.training.clipping import clip_scale


def clip_grads(grads: Sequence[Floats], max_norm: float) -> None:
    """Scale all `grads` in place so that their norm together is at most `max_norm`."""
    rate = clip_scale(math.sqrt(sum(float((grad**2).sum()) for grad in grads)), max_norm)
    if rate < 1:
        for grad in grads:
            grad *= rate
