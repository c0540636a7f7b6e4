"""What a layer is, and how its sequences lie in memory."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import DTypeLike

from rnnlm_cli.functions import Array


class Layer(Protocol):
    """A differentiable function of one sequence, with named parameters and their gradients."""

    params: dict[str, Array]
    grads: dict[str, Array]

    def forward(self, xs: Array) -> Array: ...

    def backward(self, dout: Array) -> Array | None: ...


class LSTMState(NamedTuple):
    """What an LSTM carries from one step to the next: h (N, H) and c (N, H), a value."""

    h: Array
    c: Array


def time_major_rows(xs: Array) -> Array:
    """(N, T, D) as (T*N, D), all streams of the first step first: free if time lies first."""
    N, T, D = xs.shape
    return xs.swapaxes(0, 1).reshape(T * N, D)


def as_sequence(rows: Array, N: int) -> Array:
    """The reverse of `time_major_rows`: (T*N, D) as an (N, T, D) view."""
    return rows.reshape(-1, N, rows.shape[1]).swapaxes(0, 1)


class Workspace:
    """Private arrays of a layer, allocated once a shape: page faults cost as much as the maths."""

    def __init__(self) -> None:
        self._arrays: dict[str, Array] = {}

    def empty(self, name: str, shape: tuple[int, ...], dtype: DTypeLike) -> Array:
        """An uninitialised array that the next call of the same name and shape returns again."""
        array = self._arrays.get(name)
        if array is None or array.shape != shape or array.dtype != dtype:
            array = self._arrays[name] = np.empty(shape, dtype)
        return array
