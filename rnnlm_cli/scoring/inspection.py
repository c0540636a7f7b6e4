"""Looking inside a model: its arrays and its words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rnnlm_cli.arrays import Floats, Ids
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.model.sizes import OUTPUT

_BLOCK, _BINS = 1 << 16, 12


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """One parameter array as a table shows it."""

    name: str
    shape: tuple[int, ...]
    size: int  # numbers it adds to the model: 0 where it shares them with another
    mean: float
    std: float
    histogram: tuple[int, ...]  # of its numbers in equal parts of -3 to 3 deviations


def parameter_table(model: LanguageModel) -> list[ParameterRow]:
    """One row per parameter array, in the book's order."""
    shared = {OUTPUT} if model.config.tied else set()
    return [
        ParameterRow(
            name,
            array.shape,
            0 if name in shared else array.size,
            mean := float(array.mean(dtype=np.float64)),
            std := _deviation(array, mean),
            histogram(array, mean, std),
        )
        for name, array in model.named_params().items()
    ]


def _deviation(array: Floats, mean: float) -> float:
    """array.std(), which would make two copies of `array` in float64."""
    numbers = array.ravel("K")
    blocks = (numbers[i : i + _BLOCK] for i in range(0, len(numbers), _BLOCK))
    total = sum(float(np.square(block.astype(np.float64) - mean).sum()) for block in blocks)
    return math.sqrt(total / len(numbers))


def unit_vectors(vectors: Floats) -> Floats:
    """The rows of `vectors` (V, D) with length 1; nan where all is 0, which has no direction."""
    # To a greatest number of 1 first: squares of float32 overflow from 1e19 on, and vanish.
    tops = np.abs(vectors).max(axis=1, keepdims=True)
    scaled = vectors / np.where(tops > 0, tops, 1)
    with np.errstate(invalid="ignore"):
        units: Floats = scaled / np.linalg.norm(scaled, axis=1, keepdims=True)
    return units


def nearest_words(vectors: Floats, word_id: int, count: int) -> list[tuple[int, float]]:
    """The `count` ids whose rows of `vectors` (V, D) have the largest cosine with row `word_id`.

    Returns (id, cosine) pairs, best first, without `word_id` itself (book section 2.3.6). Raises
    ConfigError where that row has no direction.
    """
    units = unit_vectors(vectors)
    _check_directions(units, [word_id])
    return _most_alike(units @ units[word_id], [word_id], count)


def nearest_of_each(vectors: Floats, count: int) -> tuple[Ids, Floats]:
    """The same for each row of `vectors` (n, D): the rows (n, count) most like it, and cosines."""
    units = unit_vectors(vectors)
    cosines = units @ units.T
    np.fill_diagonal(cosines, -2)
    near = np.argsort(-cosines, axis=1, kind="stable")[:, : min(count, len(units) - 1)]
    return near, np.take_along_axis(cosines, near, axis=1)


def analogous_words(vectors: Floats, a: int, b: int, c: int, count: int) -> list[tuple[int, float]]:
    """The ids d, with their cosines, for which a : b = c : d: those most like b - a + c.

    Each vector of (V, D) is first made one of length 1 (Mikolov et al. 1301.3781; the book's
    `analogy`, section 4.4.1). The three themselves are left out. Raises ConfigError where one of
    them has no direction.
    """
    units = unit_vectors(vectors)
    _check_directions(units, [a, b, c])
    wanted = units[b] - units[a] + units[c]
    cosines = units @ wanted / max(float(np.linalg.norm(wanted)), 1e-30)
    return _most_alike(cosines, [a, b, c], count)


def _check_directions(units: Floats, ids: Sequence[int]) -> None:
    for word_id in ids:
        if np.isnan(units[word_id]).any():
            raise ConfigError(
                f"the vector of word {word_id} is all zeros, so that no word is more like it than "
                "another: ask for another word"
            )


def _most_alike(cosines: Floats, themselves: Sequence[int], count: int) -> list[tuple[int, float]]:
    """The ids of the largest cosines (V,) but `themselves`, best first, with these."""
    cosines = np.nan_to_num(cosines, nan=-1.0)
    order = np.argsort(-cosines, kind="stable")
    best = [int(i) for i in order[: count + len(themselves)] if i not in themselves][:count]
    return [(i, float(cosines[i])) for i in best]


def histogram(array: Floats, mean: float, std: float) -> tuple[int, ...]:
    """How many numbers are in each of 12 equal parts of -3 to 3 deviations from their mean."""
    edges = mean + np.linspace(-3, 3, _BINS + 1) * (std or 1.0)
    return tuple(np.histogram(array, edges)[0].tolist()) if np.isfinite(edges).all() else ()


def most_frequent(counts: Ids | None, V: int) -> Ids:
    """All ids by their counts (V,), the most frequent first; in their order without any."""
    return np.arange(V) if counts is None else np.argsort(-counts, kind="stable")


def word_plane(vectors: Floats, counts: Ids | None, most: int) -> tuple[Ids, Floats, float]:
    """vectors (V, D) -> the ids (n,) of the most frequent words, and their `principal_plane`."""
    order = most_frequent(counts, len(vectors))[:most]
    return order, *principal_plane(np.asarray(vectors[order], np.float64))


def principal_plane(vectors: Floats) -> tuple[Floats, float]:
    """vectors (n, D) -> their two principal components (n, 2), and the share of variance in these.

    The components are scaled together, to at most 1.
    """
    centred = vectors - vectors.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    points = np.zeros((len(vectors), 2))
    points[:, : min(2, len(sizes))] = (left * sizes)[:, :2]
    total = float(np.square(sizes).sum())
    return points / (np.abs(points).max() or 1), float(np.square(sizes[:2]).sum()) / (total or 1)
