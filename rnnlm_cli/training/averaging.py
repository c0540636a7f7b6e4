"""The mean of a model's parameters over the last part of a run, used in their place.

    mean_n = mean_{n-1} + (params - mean_{n-1}) / n          after the n-th step of that part

Source: Polyak & Juditsky 1992; for language models, Merity et al. 1708.02182 (ASGD).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from rnnlm_cli.arrays import Floats
from rnnlm_cli.threads import Cores, in_blocks


class WeightAverage:
    """The running mean of the flat vector `params`; `mean` is as long, zero before the first."""

    def __init__(self, params: Floats, cores: Cores) -> None:
        self.params, self.mean = params, np.zeros_like(params)
        self._cores = cores

    def add(self, n: int) -> None:
        """Count `params` as they are now in, as the n-th from 1."""

        def work(block: slice) -> None:
            if n == 1:
                self.mean[block] = 0
            change = self.params[block] - self.mean[block]
            change /= n
            self.mean[block] += change

        in_blocks(self._cores, self.params.size, work)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Inside the block `params` holds the mean; afterwards what it held before."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    def _swap(self) -> None:
        held = self.params.copy()
        self.params[...] = self.mean
        self.mean[...] = held
