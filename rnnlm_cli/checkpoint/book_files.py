"""The files of the book and of its readers: the parameters of a model, and no more.

They may be of float16, which a model makes float32 of.
"""

from __future__ import annotations

from rnnlm_cli.checkpoint.contents import Checkpoint
from rnnlm_cli.checkpoint.formats import Format, ModelFile
from rnnlm_cli.checkpoint.layouts import model_of


def _read(file: ModelFile) -> Checkpoint:
    model = model_of(file.arrays)
    return Checkpoint(vocab_size=len(file.arrays[0]), model=model, params=file.arrays)


# A list of arrays without anything else is taken for a model of the book's parts, or told for what
# it looks like.
FORMAT = Format(recognises=lambda file: True, read=_read)
