"""How fast this machine multiplies matrices: what a plan for a budget goes by."""

from __future__ import annotations

import time
from statistics import median

import numpy as np

from rnnlm_cli.threads import give_blas


def measured_flops(threads: int | None = None) -> float:
    """Floating-point operations a second of products about as large as those of training."""
    give_blas(threads)
    a, b = (np.ones(shape, np.float32) for shape in ((1500, 256), (256, 700)))
    seconds = []
    for _ in range(15):
        began = time.perf_counter()
        a @ b
        seconds.append(time.perf_counter() - began)
    return 2 * 1500 * 256 * 700 / median(seconds)
