"""Whether arrays are the parameters of a model: the one check for a file and for `assign`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from rnnlm_cli.arrays import Floats
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.model.sizes import EMBEDDING, OUTPUT, ModelSizes

_LARGEST = float(np.finfo(np.float32).max)


def check_parameters(arrays: Sequence[Floats], model: ModelSizes) -> None:
    """Raises CheckpointError if `arrays` are not those of such a model, in the book's order.

    For a wrong shape, a number that is not finite, or tied weights that disagree.
    """
    shapes = model.shapes()
    for (name, needed), array in zip(shapes.items(), arrays, strict=False):
        if array.shape != needed:
            raise CheckpointError(
                f"{name} has shape {array.shape}, but a model of these sizes needs {needed}: "
                "the file is damaged or of another model"
            )
    if len(arrays) != len(shapes):
        raise CheckpointError(
            f"found {len(arrays)} arrays, but this model has {len(shapes)}: it is another model"
        )
    named = dict(zip(shapes, arrays, strict=True))
    check_finite(named)
    # Where tied word vectors stand again:
    if model.config.tied and not np.array_equal(named[EMBEDDING].T, named[OUTPUT]):
        raise CheckpointError("the tied embedding and output weights disagree")


def check_finite(named: Mapping[str, Floats]) -> None:
    """Raises CheckpointError for the first array with a number that float32 does not have.

    Told by the extremes, which is where nan shows too: a mask would take more memory.
    """
    for name, array in named.items():
        if not -_LARGEST <= float(array.min()) <= float(array.max()) <= _LARGEST:
            raise CheckpointError(f"{name} holds numbers that are not finite in float32")
