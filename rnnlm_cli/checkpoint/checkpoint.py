"""A model out of a file, of whichever kind it is, and into one of rnnlm's own."""

from __future__ import annotations

import os

from rnnlm_cli.checkpoint import book_files, rnnlm_files
from rnnlm_cli.checkpoint.contents import Checkpoint
from rnnlm_cli.checkpoint.exchange import safetensors_files
from rnnlm_cli.checkpoint.formats import Format, ModelFile
from rnnlm_cli.errors import CheckpointError, in_file, quoted
from rnnlm_cli.model.parameters import check_finite, check_parameters
from rnnlm_cli.pickling import write_arrays

# The first row that recognises a file reads it.
FORMATS: tuple[Format, ...] = (safetensors_files.FORMAT, rnnlm_files.FORMAT, book_files.FORMAT)


def load_checkpoint(path: str | os.PathLike[str]) -> Checkpoint:
    """Read a checkpoint of this program or of the book, or a model of torch in safetensors.

    Raises CheckpointError naming the file, and MissingExtra.
    """
    if not os.path.exists(path):
        raise CheckpointError(f"{quoted(path)}: no such file: train a model first, or name another")
    with in_file(path):
        return read_checkpoint(path)


def read_checkpoint(path: str | os.PathLike[str]) -> Checkpoint:
    """The same of a file that is there; what is wrong is told without its name.

    Raises CheckpointError, ConfigError, VocabularyError and MissingExtra.
    """
    file = ModelFile(path)
    read = next(row.read for row in FORMATS if row.recognises(file))
    checkpoint = read(file)
    # Before a model of the declared sizes is allocated.
    check_parameters(checkpoint.params, checkpoint.sizes)
    check_finite(checkpoint.resume.state.arrays if checkpoint.resume else {})
    return checkpoint


def save_checkpoint(
    path: str | os.PathLike[str], checkpoint: Checkpoint, *, backup: str | None = None
) -> None:
    """Write `checkpoint` to `path` atomically; what it replaces stays under the name `backup`.

    What has no words becomes a file of the book again. Raises CheckpointError.
    """
    if checkpoint.text is None:
        write_arrays(path, checkpoint.params, backup=backup)
    else:
        rnnlm_files.write(path, checkpoint, backup=backup)
