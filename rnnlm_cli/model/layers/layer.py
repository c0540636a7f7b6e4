"""What a layer is, and how its sequences lie in memory.

Sequences are (N, T, D) to a reader but lie in memory as (D, T, N), the streams side by side: a GEMM
of weights (4H, H) by one step (H, N) runs at up to twice the speed of (N, H) by (H, 4H), and every
gate of a step is one contiguous block. `columns` and `rows` are the two matrices that a GEMM over
all steps wants; both are free.
"""

from __future__ import annotations

import math
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray

from rnnlm_cli.arrays import Array

_CACHE_LINE = 64  # bytes


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


def columns(xs: Array) -> Array:
    """(N, T, D) as (D, T*N), all streams of the first step first: a view, if it lies so."""
    N, T, D = xs.shape
    return xs.transpose(2, 1, 0).reshape(D, T * N)


def rows(xs: Array) -> Array:
    """(N, T, D) as (T*N, D): the transpose of `columns`."""
    return columns(xs).T


def as_sequence(columns: Array, N: int) -> Array:
    """The reverse of `columns`: (D, T*N) as an (N, T, D) view."""
    return columns.reshape(len(columns), -1, N).transpose(2, 1, 0)


def aligned_empty(size: int, dtype: DTypeLike) -> Array:
    """An uninitialised vector that begins at a cache line: 512-bit loads then cross none."""
    return _aligned(np.empty(size * np.dtype(dtype).itemsize + _CACHE_LINE, np.uint8), size, dtype)


def aligned_zeros(size: int, dtype: DTypeLike) -> Array:
    """The same of zeros, which take no memory before they are written: gradients may never be."""
    return _aligned(np.zeros(size * np.dtype(dtype).itemsize + _CACHE_LINE, np.uint8), size, dtype)


def _aligned(memory: NDArray[np.uint8], size: int, dtype: DTypeLike) -> Array:
    itemsize = np.dtype(dtype).itemsize
    start = -memory.ctypes.data % _CACHE_LINE
    return memory[start : start + size * itemsize].view(dtype)


class Workspace:
    """Private arrays of a layer, allocated once: page faults cost as much as the maths."""

    def __init__(self) -> None:
        self._arrays: dict[str, Array] = {}

    def empty(self, name: str, shape: tuple[int, ...], dtype: DTypeLike) -> Array:
        """An uninitialised array; the next call of the same name gets the same memory, or more."""
        size, memory = math.prod(shape), self._arrays.get(name)
        if memory is None or memory.size < size or memory.dtype != dtype:
            memory = self._arrays[name] = aligned_empty(size, dtype)
        return memory[:size].reshape(shape)
