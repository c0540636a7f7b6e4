"""The shapes of a model's arrays, from its config, and what it takes to learn them.

For those who make, check or count arrays, and for those who foretell how long training takes.
"""

from __future__ import annotations

import math
from itertools import pairwise

from rnnlm_cli.settings.model import ModelConfig, lstm_sizes

EMBEDDING, OUTPUT = "embedding.W", "affine.W"  # of tied weights the second is a view of the first
BRANCHES = "affine.w"  # of a split softmax
_EULER = 0.5772  # the sum of 1/r over V words is log V + this


def output_size(model: ModelConfig) -> int:
    """The length of the vectors that the output layer reads."""
    return model.wordvec_size if model.projection else lstm_sizes(model)[-1][1]


def parameter_shapes(vocab_size: int, model: ModelConfig) -> dict[str, tuple[int, ...]]:
    """The shape of every array by its name, in the book's order; tied weights twice.

    Wherever the arrays of a model stand in a list or have names, it is in this order and by these.
    """
    V, D, size = vocab_size, model.wordvec_size, output_size(model)
    shapes: dict[str, tuple[int, ...]] = {EMBEDDING: (V, D)}
    for index, (inputs, units) in enumerate(lstm_sizes(model), start=1):
        shapes[f"lstm{index}.Wx"] = (inputs, 4 * units)
        shapes[f"lstm{index}.Wh"] = (units, 4 * units)
        shapes[f"lstm{index}.b"] = (4 * units,)
    if model.projection:
        shapes |= {"projection.W": (model.hidden_size, D), "projection.b": (D,)}
    shapes |= {OUTPUT: (size, V), "affine.b": (V,)}
    if C := len(model.edges):
        # One branch has a vector, as files have it, several have the columns of a matrix.
        shapes |= {BRANCHES: (size,) if C == 1 else (size, C), "affine.c": (C,)}
    return shapes


def parameter_count(vocab_size: int, model: ModelConfig) -> int:
    """How many numbers a model learns."""
    shapes = parameter_shapes(vocab_size, model)
    if model.tied:
        del shapes[OUTPUT]
    return sum(math.prod(shape) for shape in shapes.values())


def clusters(vocab_size: int, model: ModelConfig) -> list[tuple[int, float]]:
    """Of each cluster of the softmax, the head first, its words and the share of the places that
    need it: all of them the head, the others their share of a text by Zipf's law.

    Of PTB 0.19 should be behind a head of 1,500 words; 0.16 are.
    """
    edges = (*model.edges, vocab_size)
    whole = math.log(vocab_size) + _EULER
    behind = [(b - a, math.log(b / a) / whole) for a, b in pairwise(edges)]
    return [(edges[0] + len(behind), 1.0), *behind]


def operations(vocab_size: int, model: ModelConfig) -> float:
    """Floating-point operations of training on one token: six for every weight that it meets."""
    lstms = sum(4 * units * (inputs + units) for inputs, units in lstm_sizes(model))
    projection = model.hidden_size * model.wordvec_size if model.projection else 0
    rows = sum(words * share for words, share in clusters(vocab_size, model))
    return 6.0 * (lstms + projection + output_size(model) * rows)
