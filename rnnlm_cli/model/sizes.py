"""The shapes of a model's arrays, from its config, and what it takes to learn them.

For those who make, check or count arrays, and for those who foretell how long training takes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from rnnlm_cli.settings.model import ModelConfig, lstm_sizes

EMBEDDING, OUTPUT = "embedding.W", "affine.W"  # of tied weights the second is a view of the first
BRANCHES = "affine.w"  # of a split softmax
_EULER = 0.5772  # the sum of 1/r over V words is log V + this


def output_size(model: ModelConfig) -> int:
    """The length of the vectors that the output layer reads."""
    return model.wordvec_size if model.projection else lstm_sizes(model)[-1][1]


@dataclass(frozen=True, slots=True)
class ModelSizes:
    """How large a model is: V words, and what its config says."""

    vocab_size: int
    config: ModelConfig

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every array by its name, in the book's order; tied weights twice.

        Wherever the arrays of a model stand in a list or have names, it is in this order and by
        these.
        """
        V, model = self.vocab_size, self.config
        D, size = model.wordvec_size, output_size(model)
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

    def parameters(self) -> int:
        """How many numbers the model learns."""
        shapes = self.shapes()
        if self.config.tied:
            del shapes[OUTPUT]
        return sum(math.prod(shape) for shape in shapes.values())

    @property
    def leaves_words(self) -> bool:
        """Whether the last cluster of the softmax has words, after those of the others."""
        return not self.config.edges or self.config.edges[-1] < self.vocab_size

    def clusters(self) -> list[tuple[int, float]]:
        """Of each cluster of the softmax, the head first, its words and the share of the places
        that need it: all of them the head, the others their share of a text by Zipf's law.

        Of PTB 0.19 should be behind a head of 1,500 words; 0.16 are.
        """
        edges = (*self.config.edges, self.vocab_size)
        whole = math.log(self.vocab_size) + _EULER
        behind = [(b - a, math.log(b / a) / whole) for a, b in pairwise(edges)]
        return [(edges[0] + len(behind), 1.0), *behind]

    def operations(self) -> float:
        """Floating-point operations of training on one token: six for every weight it meets."""
        model = self.config
        lstms = sum(4 * units * (inputs + units) for inputs, units in lstm_sizes(model))
        projection = model.hidden_size * model.wordvec_size if model.projection else 0
        rows = sum(words * share for words, share in self.clusters())
        return 6.0 * (lstms + projection + output_size(model) * rows)
