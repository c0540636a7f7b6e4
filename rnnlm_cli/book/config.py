"""The book's switch between NumPy and CuPy (`common/config.py`): here all is NumPy."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rnnlm_cli.errors import ConfigError

GPU = False  # a script may read it, and set it: then `to_gpu` says what there is


def to_cpu(x: ArrayLike) -> NDArray[Any]:
    """`x` as an array of NumPy, itself where it is one."""
    return np.asarray(x)


def to_gpu(x: ArrayLike) -> NoReturn:
    """Raises ConfigError: nothing here computes on a GPU."""
    raise ConfigError("rnnlm computes on the CPU, with NumPy alone: leave config.GPU at False")
