"""Models in safetensors: torch's names, the vocabulary in the metadata.

Read is what others trained: the words are not in such a file, and come from `--vocab`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence

import numpy as np

from rnnlm_cli.arrays import Floats
from rnnlm_cli.checkpoint.contents import Checkpoint
from rnnlm_cli.checkpoint.exchange.torch_layout import SCORES, WORDS, from_torch, to_torch
from rnnlm_cli.checkpoint.formats import Format, ModelFile
from rnnlm_cli.errors import CheckpointError, library
from rnnlm_cli.settings.model import ModelConfig

SUFFIX = ".safetensors"


def packed(named: Mapping[str, Floats], model: ModelConfig, words: Sequence[str]) -> bytes:
    """The file of such a model. Raises MissingExtra."""
    metadata = {"format": "pt", "vocabulary": json.dumps(words)}
    if model.tied:
        metadata[SCORES] = WORDS  # as safetensors.torch.save_model tells of shared tensors
    data: bytes = library("safetensors.numpy").save(to_torch(named, model), metadata)
    return data


def _read(file: ModelFile) -> Checkpoint:
    vocab_size, model, params = from_torch(_tensors(file.path))
    return Checkpoint(vocab_size=vocab_size, model=model, params=params)


def _tensors(path: str | os.PathLike[str]) -> dict[str, Floats]:
    """What is in the file. Raises CheckpointError where it is none, or not of numbers like ours."""
    safetensors = library("safetensors")
    tensors: dict[str, Floats] = {}
    try:
        with safetensors.safe_open(os.fspath(path), framework="numpy") as file:
            for name in file.keys():
                kind = file.get_slice(name).get_dtype()
                if kind not in ("F16", "F32", "F64"):
                    raise CheckpointError(
                        f"{name} is of {kind}, which NumPy or a model here does not have: "
                        "make it float32 in torch (model.float()) and save it again"
                    )
                tensors[name] = np.asarray(file.get_tensor(name))
    except (safetensors.SafetensorError, OSError, ValueError) as error:
        raise CheckpointError(f"it is no file of safetensors: {error}") from None
    if empty := [name for name, array in tensors.items() if not array.size]:
        raise CheckpointError(f"{empty[0]} is empty: the file is of no model")
    return tensors


FORMAT = Format(recognises=lambda file: os.fspath(file.path).endswith(SUFFIX), read=_read)
