"""The bare GEMMs of a training step or of a word: what no program on this BLAS can do without."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from benchmarks.measure import timed
from benchmarks.sizes import Size
from rnnlm_cli.arrays import Floats
from rnnlm_cli.model.sizes import output_size
from rnnlm_cli.settings.model import lstm_sizes

Product = Callable[[], object]


Shape = tuple[int, int, int, int]  # rows, inner, columns, times


def shapes(size: Size) -> list[Shape]:
    """Every GEMM of a step, forward and backward."""
    return [shape for of_part in part_shapes(size).values() for shape in of_part]


def part_shapes(size: Size) -> dict[str, list[Shape]]:
    """The GEMMs of each part of a step."""
    N, T, model = size.batch_size, size.time_size, size.model
    found: dict[str, list[Shape]] = {"LSTMs forward": [], "LSTMs backward": []}
    for inputs, H in lstm_sizes(model):
        found["LSTMs forward"] += [
            (N * T, inputs, 4 * H, 1),  # xs @ Wx
            (N, H, 4 * H, T),  # h @ Wh
        ]
        found["LSTMs backward"] += [
            (N, 4 * H, H, T),  # da @ Wh'
            (inputs, N * T, 4 * H, 1),  # dWx
            (H, N * T, 4 * H, 1),  # dWh
            (N * T, 4 * H, inputs, 1),  # dxs
        ]
    head, *tails = [
        _affine(round(share * N * T), output_size(model), words) for words, share in size.clusters
    ]
    if tails:
        found |= {"output: head": head, "output: tail": [each for tail in tails for each in tail]}
    else:
        found["output"] = head
    if model.projection:
        found["the rest"] = _affine(N * T, model.hidden_size, model.wordvec_size)
    return found


def _affine(places: int, inputs: int, outputs: int) -> list[Shape]:
    """Forward, what goes to the inputs, what goes to the weights."""
    return [
        (places, inputs, outputs, 1),
        (places, outputs, inputs, 1),
        (inputs, places, outputs, 1),
    ]


def layouts(rows: int, inner: int, columns: int) -> Iterator[Product]:
    """The same product with each operand, and the result, as it is or transposed in memory."""
    rng = np.random.default_rng(0)
    a, b = rng.random((rows, inner), np.float32), rng.random((inner, columns), np.float32)
    for left in (a, np.asfortranarray(a)):
        for right in (b, np.asfortranarray(b)):
            for out in (np.empty((rows, columns), "f"), np.empty((columns, rows), "f").T):
                yield _product(left, right, out)


def _product(left: Floats, right: Floats, out: Floats) -> Product:
    if out.flags.c_contiguous:
        return lambda: np.matmul(left, right, out=out)
    return lambda: np.matmul(right.T, left.T, out=out.T)


def word_shapes(size: Size, samples: int) -> list[Shape]:
    """The same of one word of each of `samples` texts: every layer's inputs and states, scores."""
    D, H, V = size.model.wordvec_size, size.model.hidden_size, size.vocab_size
    layers = [(samples, D if k == 0 else H, 4 * H, 1) for k in range(size.model.layers)]
    return [*layers, *[(samples, H, 4 * H, 1)] * len(layers), (samples, H, V, 1)]


def bare_gemms(shapes: Iterable[Shape], trials: int) -> Product:
    """GEMMs of these shapes in turn, each in the layout that was fastest in `trials`."""
    chosen = [
        (min(layouts(*shape), key=lambda product: _fastest(product, trials)), times)
        for *shape, times in shapes
    ]

    def step() -> None:
        for product, times in chosen:
            for _ in range(times):
                product()

    return step


def _fastest(product: Product, trials: int) -> float:
    turn = timed(lambda: [product() for _ in range(3)])
    return min(turn() for _ in range(trials))
