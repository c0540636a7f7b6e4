"""Looking inside a model: its arrays and its words."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from rnnlm_cli.arrays import Floats
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.model.sizes import OUTPUT

_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """One parameter array as a table shows it."""

    name: str
    shape: tuple[int, ...]
    size: int  # numbers it adds to the model: 0 where it shares them with another
    mean: float
    std: float


def parameter_table(model: LanguageModel) -> list[ParameterRow]:
    """One row per parameter array, in the book's order."""
    shared = {OUTPUT} if model.config.tied else set()
    return [
        ParameterRow(
            name,
            array.shape,
            0 if name in shared else array.size,
            mean := float(array.mean(dtype=np.float64)),
            _deviation(array, mean),
        )
        for name, array in model.named_params().items()
    ]


def _deviation(array: Floats, mean: float) -> float:
    """array.std(), which would make two copies of `array` in float64."""
    numbers = array.ravel("K")
    blocks = (numbers[i : i + _BLOCK] for i in range(0, len(numbers), _BLOCK))
    total = sum(float(np.square(block.astype(np.float64) - mean).sum()) for block in blocks)
    return math.sqrt(total / len(numbers))


def nearest_words(vectors: Floats, word_id: int, count: int) -> list[tuple[int, float]]:
    """The `count` ids whose rows of `vectors` (V, D) have the largest cosine with row `word_id`.

    Returns (id, cosine) pairs, best first, without `word_id` itself (book section 2.3.6).
    """
    # To a greatest number of 1 first: squares of float32 overflow from 1e19 on, and vanish.
    tops = np.abs(vectors).max(axis=1, keepdims=True)
    vectors = vectors / np.where(tops > 0, tops, 1)
    lengths = np.linalg.norm(vectors, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        cosines = vectors @ vectors[word_id] / (lengths * lengths[word_id])
    cosines = np.nan_to_num(cosines, nan=-1.0)
    order = np.argsort(-cosines, kind="stable")
    best = [int(i) for i in order[: count + 1] if i != word_id][:count]
    return [(i, float(cosines[i])) for i in best]
