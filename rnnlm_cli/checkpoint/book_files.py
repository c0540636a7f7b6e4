"""The files that the book's code writes: the parameters of one of its two models, and no more.

They are of float16, which a model makes float32 of.
"""

from __future__ import annotations

from rnnlm_cli.arrays import Floats
from rnnlm_cli.checkpoint.contents import Checkpoint
from rnnlm_cli.checkpoint.formats import Format, ModelFile
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.settings.model import ModelConfig


def _read(file: ModelFile) -> Checkpoint:
    model = _book_model(file.arrays)
    return Checkpoint(vocab_size=len(file.arrays[0]), model=model, params=file.arrays)


def _book_model(arrays: list[Floats]) -> ModelConfig:
    """Which of the two models of the book it is, told by the number of its arrays.

    Raises CheckpointError if it is neither.
    """
    if len(arrays) not in (6, 9) or arrays[0].ndim != 2 or arrays[2].ndim != 2:
        raise CheckpointError(
            f"found {len(arrays)} arrays and no header, but the book's models have 6 or 9: "
            "this is not a language model that rnnlm knows"
        )
    better = len(arrays) == 9
    return ModelConfig(
        wordvec_size=arrays[0].shape[1],
        hidden_size=arrays[2].shape[0],
        layers=2 if better else 1,
        tied=better,
        dropout=0.5 if better else 0.0,
    )


# A list of arrays without anything else is taken for one of the book's, or told to be none.
FORMAT = Format(recognises=lambda file: True, read=_read)
