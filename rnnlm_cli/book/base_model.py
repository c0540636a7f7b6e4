"""BaseModel: what has `params` and `grads` and a file for them (`common/base_model.py`)."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from rnnlm_cli.arrays import Floats
from rnnlm_cli.book.sharing import shared_weights
from rnnlm_cli.errors import CheckpointError, in_file, printable
from rnnlm_cli.model.parameters import check_finite
from rnnlm_cli.pickling import read_arrays, write_arrays


class BaseModel:
    """The base of a reader's own model, which sets `params` and `grads` and writes both ways."""

    params: list[Floats]
    grads: list[Floats]

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """To be written by the model."""
        raise NotImplementedError(f"{type(self).__name__} has no forward")

    def backward(self, *args: Any, **kwargs: Any) -> Any:
        """To be written by the model."""
        raise NotImplementedError(f"{type(self).__name__} has no backward")

    def save_params(self, file_name: str | os.PathLike[str] | None = None) -> None:
        """Write `params`, a pickled list of arrays, by default to `Rnnlm.pkl` of an Rnnlm.

        They keep their dtype; the book's code makes float16 of them.
        """
        write_arrays(file_name or self._default_name(), self.params)

    def load_params(self, file_name: str | os.PathLike[str] | None = None) -> None:
        """Copy what `save_params`, here or in the book, wrote into `params`.

        Arrays after the parameters are not looked at. Raises FileNotFoundError as the book does,
        CheckpointError if the arrays are not those of such a model, which is then unchanged.
        """
        file_name = file_name or self._default_name()
        if not os.path.exists(file_name):
            name = printable(os.fspath(file_name))
            raise FileNotFoundError(f"{name}: no such file: save_params() writes one")
        arrays = read_arrays(file_name)
        with in_file(file_name):
            self._check(arrays)
        for param, array in zip(self.params, arrays, strict=False):
            param[...] = array

    def _default_name(self) -> str:
        return f"{type(self).__name__}.pkl"

    def _check(self, arrays: list[Floats]) -> None:
        if len(arrays) < len(self.params):
            raise CheckpointError(
                f"found {len(arrays)} arrays, but this model has {len(self.params)}: it is of "
                "another model"
            )
        for number, (param, array) in enumerate(zip(self.params, arrays, strict=False)):
            if array.shape != param.shape:
                raise CheckpointError(
                    f"array {number} has shape {array.shape}, but params[{number}] of this model "
                    f"has {param.shape}: give the model the sizes that it was saved with"
                )
            check_finite({f"array {number}": array})
        for again, first, turned in shared_weights(self.params):
            array = arrays[again].T if turned else arrays[again]
            if not np.array_equal(array, arrays[first]):
                raise CheckpointError(
                    f"arrays {first} and {again} differ, but are the same weights in this model: "
                    "it is of a model that does not share them"
                )
