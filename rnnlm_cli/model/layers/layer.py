"""What a layer is, and how its sequences lie in memory.

Sequences are (N, T, D) to a reader but lie in memory as (D, T, N), the streams side by side: a GEMM
of weights (4H, H) by one step (H, N) runs at up to twice the speed of (N, H) by (H, 4H), and every
gate of a step is one contiguous block. `columns` and `rows` are the two matrices that a GEMM over
all steps wants; both are free. `into_steps` and `into_columns` go over to steps and back.
"""

from __future__ import annotations

import math
from _collections_abc import dict_items, dict_keys, dict_values
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray

from rnnlm_cli.arrays import Doubles, Floats, Ids
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.threads import Cores

_CACHE_LINE = 64  # bytes


class Layer(Protocol):
    """A differentiable function of one sequence, with named parameters and their gradients.

    Noise and penalties act where `train_flg` is set.
    """

    params: dict[str, Floats]
    grads: dict[str, Floats]

    def forward(self, xs: Floats, train_flg: bool = True) -> Floats: ...

    def backward(self, dout: Floats) -> Floats: ...


class InnerLayer(Layer, Protocol):
    """A layer between the word vectors and the output.

    `stepped` is the layer as it scores and draws with N streams, nothing kept for a backward; None
    where it then does nothing.
    """

    def stepped(self, N: int) -> Step | None: ...


class Step(Protocol):
    """A layer without a way back: one step of N streams at a time, or one stream's rows."""

    @property
    def carried(self) -> list[Floats]:
        """What it carries from one step to the next: arrays (H, N), or (H,) of one stream."""

    def step(self, x: Floats) -> Floats:
        """x (D, N), or (D,) of one stream -> y (H, N) or (H,), until the next step."""

    def run(self, xs: Floats) -> Floats:
        """xs (T, D), the next T steps of one stream -> ys (T, H)."""


class Output(Protocol):
    """An output layer and its softmax in one: hs (N, T, H) and targets ts (N, T), -1 for none."""

    def forward(self, hs: Floats, ts: Ids) -> float:
        """-> the mean loss in nats; fills the layer's gradients."""

    def backward(self) -> Floats:
        """-> dhs (N, T, H) of that."""

    def nats(self, hs: Floats, ts: Ids) -> Doubles:
        """-> surprisal (N, T) of each target; no gradient is asked for."""


class NamedArrays(dict[str, Floats]):
    """The arrays of a layer by their names, which nobody takes for a list of arrays.

    The book's `self.params += layer.params` would add up names without a word.
    """

    def __iter__(self) -> Iterator[str]:
        raise TypeError(
            "the arrays of this layer have names, and do not add up as a list: take its .values(), "
            "or the layers of rnnlm_cli.book, whose params and grads are lists as in the book"
        )


class Gradients(NamedArrays):
    """The gradient of every array of a layer, which `make` makes when it is first asked for.

    Scoring and drawing ask for none. `names` are those of the arrays.
    """

    def __init__(self, names: Collection[str], make: Callable[[str], Floats]) -> None:
        super().__init__()
        self._names, self._make = names, make

    @classmethod
    def of(cls, params: Mapping[str, Floats]) -> Gradients:
        """Zeros for each of `params`."""
        return cls(params.keys(), lambda name: np.zeros_like(params[name]))

    def __missing__(self, name: str) -> Floats:
        self[name] = self._make(name)
        return self[name]

    def keys(self) -> dict_keys[str, Floats]:
        """The names of all arrays."""
        return self._whole().keys()

    def values(self) -> dict_values[str, Floats]:
        """The gradients of all arrays."""
        return self._whole().values()

    def items(self) -> dict_items[str, Floats]:
        """Both, a pair an array."""
        return self._whole().items()

    def _whole(self) -> dict[str, Floats]:
        return {name: self[name] for name in self._names}


class LSTMState(NamedTuple):
    """What an LSTM carries from one step to the next: h (N, H) and c (N, H), a value."""

    h: Floats
    c: Floats


def check_sequence(name: str, xs: object, axes: str) -> None:
    """Raises ConfigError unless `xs` is an array of these axes, such as (N, T)."""
    needed, advice = axes.count(",") + 1, "make one of it"
    if isinstance(xs, np.ndarray) and xs.ndim == needed:
        return
    found = f"shape {xs.shape}" if isinstance(xs, np.ndarray) else f"type {type(xs).__name__}"
    if not isinstance(xs, np.ndarray) or xs.ndim == needed + 1:
        advice += (
            ", or use the layers and models of rnnlm_cli.book: lists and one-hot targets do there"
        )
    raise ConfigError(f"{name} has {found}, but an array {axes} is needed here: {advice}")


def columns(xs: Floats) -> Floats:
    """(N, T, D) as (D, T*N), all streams of the first step first: a view, if it lies so."""
    N, T, D = xs.shape
    return xs.transpose(2, 1, 0).reshape(D, T * N)


def rows(xs: Floats) -> Floats:
    """(N, T, D) as (T*N, D): the transpose of `columns`."""
    return columns(xs).T


def as_sequence(columns: Floats, N: int) -> Floats:
    """The reverse of `columns`: (D, T*N) as an (N, T, D) view."""
    return columns.reshape(len(columns), -1, N).transpose(2, 1, 0)


def into_steps(columns: Floats, b: Floats, steps: Floats, cores: Cores) -> None:
    """Columns (D, T*N), with b (D,) added, as `steps` (T, D, N): each one contiguous block."""
    T, D, N = steps.shape
    by_step = columns.reshape(D, T, N).transpose(1, 0, 2)

    def work(start: int, stop: int) -> None:
        np.add(by_step[:, start:stop], b[start:stop, None], out=steps[:, start:stop])

    cores.split(work, D, numbers=steps.size)


def into_columns(steps: Floats, columns: Floats, cores: Cores) -> None:
    """The reverse: steps (T, D, N) as the `columns` (D, T*N) that a GEMM over all steps takes."""
    T, D, N = steps.shape
    copy(steps.transpose(1, 0, 2), columns.reshape(D, T, N), cores)


def copy(source: Floats, target: Floats, cores: Cores) -> None:
    """Copy `source` to `target`, in the order in which that lies in memory."""

    def work(start: int, stop: int) -> None:
        target[start:stop] = source[start:stop]

    cores.split(work, len(target), numbers=target.size)


def aligned_empty(size: int, dtype: DTypeLike) -> Floats:
    """An uninitialised vector that begins at a cache line: 512-bit loads then cross none."""
    return _aligned(np.empty(size * np.dtype(dtype).itemsize + _CACHE_LINE, np.uint8), size, dtype)


def aligned_zeros(size: int, dtype: DTypeLike) -> Floats:
    """The same of zeros, which take no memory before they are written: gradients may never be."""
    return _aligned(np.zeros(size * np.dtype(dtype).itemsize + _CACHE_LINE, np.uint8), size, dtype)


def _aligned(memory: NDArray[np.uint8], size: int, dtype: DTypeLike) -> Floats:
    itemsize = np.dtype(dtype).itemsize
    start = -memory.ctypes.data % _CACHE_LINE
    return memory[start : start + size * itemsize].view(dtype)


class Workspace:
    """Private arrays of a layer, allocated once: page faults cost as much as the maths."""

    def __init__(self) -> None:
        self._arrays: dict[str, Floats] = {}

    def empty(self, name: str, shape: tuple[int, ...], dtype: DTypeLike) -> Floats:
        """An uninitialised array; the next call of the same name gets the same memory, or more."""
        size, memory = math.prod(shape), self._arrays.get(name)
        if memory is None or memory.size < size or memory.dtype != dtype:
            memory = self._arrays[name] = aligned_empty(size, dtype)
        return memory[:size].reshape(shape)
