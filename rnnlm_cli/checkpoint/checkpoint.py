"""The checkpoint file: a model with its words and its history in one pickled list of arrays.

    arrays[0 .. n]   the parameters in the book's order, float32
    further arrays   what an exact resume needs, in a `.last.pkl`
    arrays[-1]       uint8: a JSON header in UTF-8 that names everything

The book's own files are the parameters alone, in float16. They load too, without words.
"""

from __future__ import annotations

import hashlib
import os
import platform
from dataclasses import asdict, dataclass, field
from itertools import zip_longest
from typing import Any

import numpy as np

from rnnlm_cli import __version__
from rnnlm_cli.arrays import Floats
from rnnlm_cli.checkpoint.book_files import book_model
from rnnlm_cli.checkpoint.envelope import FORMAT, VERSION, pack_header, unpack_header
from rnnlm_cli.checkpoint.header import check_header
from rnnlm_cli.corpus.record import TextRecord
from rnnlm_cli.corpus.vocabulary import Vocabulary
from rnnlm_cli.errors import CheckpointError, in_file, quoted
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.model.sizes import parameter_shapes
from rnnlm_cli.pickling import read_arrays, write_arrays
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.text import CorpusConfig
from rnnlm_cli.threads import blas_name
from rnnlm_cli.training.reports import LogLine

# How the JSON of a header begins, which is in no string of it, and what its array ends with.
_HEADER_BEGINS, _ARRAY_ENDS = b'{"arrays": [', b"tba."
_OPCODES = 256  # more than those of an array take
_LARGEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What a checkpoint file holds. `text` and all below it are empty in a book's file."""

    vocab_size: int
    model: ModelConfig
    params: list[Floats]  # in the book's order
    text: TextRecord | None = None
    run: dict[str, Any] = field(default_factory=dict)  # id, preset, training config
    history: list[dict[str, Any]] = field(default_factory=list)  # a dict an epoch, no timings
    timings: dict[str, Any] = field(default_factory=dict)
    numbers: dict[str, Any] = field(default_factory=dict)  # of the trainer, for a resume
    line: LogLine | None = None  # of the log, for a resume
    arrays: dict[str, Floats] = field(default_factory=dict)  # of the trainer, for a resume
    libraries: dict[str, str] = field(default_factory=dict)  # what computed it

    def build_model(self, threads: int | None = None) -> LanguageModel:
        """A model with these parameters, on so many threads (None: all cores).

        Raises CheckpointError if they do not fit together.
        """
        model = LanguageModel(self.vocab_size, self.model, drawn=False, threads=threads)
        model.assign(self.params)
        return model


def libraries(threads: int) -> dict[str, str]:
    """What computes, and may round otherwise in another version or on other threads."""
    return {
        "rnnlm": __version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "BLAS": blas_name(),
        "threads": str(threads),
    }


def array_hash(arrays: list[Floats]) -> str:
    """SHA-256 over dtype, shape and bytes of every array."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).view(np.uint8).reshape(-1).data)
    return digest.hexdigest()


def _header_of(checkpoint: Checkpoint) -> dict[str, Any]:
    """What stands in the header, but for the hashes."""
    text = checkpoint.text
    assert text is not None, "a checkpoint without words is not written"
    return {
        "format": FORMAT,
        "version": VERSION,
        "model": {"vocab_size": checkpoint.vocab_size, **asdict(checkpoint.model)},
        "parameters": len(checkpoint.params),
        "arrays": list(checkpoint.arrays),
        "text": asdict(text),
        "run": checkpoint.run,
        "history": checkpoint.history,
        "timings": checkpoint.timings,
        "numbers": checkpoint.numbers,
        "line": asdict(checkpoint.line) if checkpoint.line else None,
        "libraries": checkpoint.libraries,
    }


def file_size(checkpoint: Checkpoint) -> int:
    """About the bytes of the file that `save_checkpoint` writes: arrays and header."""
    arrays = [*checkpoint.params, *checkpoint.arrays.values()]
    packed = pack_header(_header_of(checkpoint) | {"sha256": {}}, sum(a.nbytes for a in arrays))
    return sum(array.nbytes + _OPCODES for array in [*arrays, packed])


def save_checkpoint(
    path: str | os.PathLike[str], checkpoint: Checkpoint, *, backup: str | None = None
) -> None:
    """Write `checkpoint` to `path` atomically; what it replaces stays under the name `backup`.

    Raises CheckpointError.
    """
    params = [np.asarray(array, np.float32) for array in checkpoint.params]  # copied one by one
    arrays = [*params, *checkpoint.arrays.values()]
    header = _header_of(checkpoint) | {"sha256": {"arrays": array_hash(arrays)}}
    packed = pack_header(header, sum(array.nbytes for array in arrays))
    write_arrays(path, [*arrays, packed], backup=backup)


def load_checkpoint(path: str | os.PathLike[str]) -> Checkpoint:
    """Read a checkpoint of this program or of the book. Raises CheckpointError naming the file."""
    if not os.path.exists(path):
        raise CheckpointError(
            f"{quoted(path)}: no such file: train a model first (rnnlm train), or name another"
        )
    arrays = read_arrays(path)
    with in_file(path):
        if arrays and arrays[-1].dtype == np.uint8:
            packed = arrays.pop()
            header = unpack_header(packed, sum(array.nbytes for array in arrays))
            checkpoint = _with_header(arrays, header)
        else:
            # Of float16: a model makes float32 of them.
            model = book_model(arrays)
            checkpoint = Checkpoint(vocab_size=len(arrays[0]), model=model, params=arrays)
        _check_shapes(checkpoint)
        _check_numbers(checkpoint)
        return checkpoint


def read_header(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The header of a file of this program, out of its end; its arrays are not looked at.

    Raises CheckpointError where there is none, or a damaged one.
    """
    try:
        with open(path, "rb") as file:
            size, length, start = os.fstat(file.fileno()).st_size, 1 << 18, -1
            while start < 0:
                length = min(4 * length, size)
                file.seek(size - length)
                tail = file.read(length)
                start = tail.rfind(_HEADER_BEGINS)
                if start < 0 and length == size:
                    raise CheckpointError("there is no header")
    except (OSError, CheckpointError) as error:
        raise CheckpointError(f"{quoted(path)}: cannot be read: {error}") from None
    with in_file(path):
        packed = np.frombuffer(tail[start:].removesuffix(_ARRAY_ENDS), np.uint8)
        header = unpack_header(packed, size)
        check_header(header)
    return header


def _with_header(arrays: list[Floats], header: dict[str, Any]) -> Checkpoint:
    check_header(header)
    count, names = header["parameters"], header["arrays"]
    if len(arrays) != count + len(names) or len(set(names)) != len(names):
        raise CheckpointError(
            f"found {len(arrays)} arrays, but the header names {count} and {len(names)} more: "
            "the file is damaged"
        )
    if array_hash(arrays) != header["sha256"].get("arrays"):
        raise CheckpointError("the arrays do not match their SHA-256: the file is damaged")
    if any(array.dtype != np.float32 for array in arrays):
        raise CheckpointError("an array is not float32, as all beside a header are")
    model, text = dict(header["model"]), dict(header["text"])
    vocab_size, words = model.pop("vocab_size"), tuple(text.pop("words"))
    if len(words) != vocab_size:
        raise CheckpointError(f"{len(words)} words for a vocabulary of {vocab_size}")
    Vocabulary(words)  # raises where two words are the same
    return Checkpoint(
        vocab_size=vocab_size,
        model=ModelConfig(**model),
        params=arrays[:count],
        text=TextRecord(words=words, config=CorpusConfig(**text.pop("config")), **text),
        run=header["run"],
        history=header["history"],
        timings=header["timings"],
        numbers=header["numbers"],
        line=LogLine(**line) if (line := header.get("line")) else None,
        libraries=header["libraries"],
        arrays=dict(zip(names, arrays[count:], strict=True)),
    )


def _check_shapes(checkpoint: Checkpoint) -> None:
    """Compare shapes before a model of the declared sizes is allocated."""
    expected = list(parameter_shapes(checkpoint.vocab_size, checkpoint.model).values())
    found = [array.shape for array in checkpoint.params]
    if found != expected:
        pairs = enumerate(zip_longest(found, expected))
        index, (mine, needed) = next((i, pair) for i, pair in pairs if pair[0] != pair[1])
        raise CheckpointError(
            f"array {index} has shape {mine}, but a model of these sizes needs {needed}: "
            "the file is damaged or not a language model"
        )


def _check_numbers(checkpoint: Checkpoint) -> None:
    """Compare the extremes, which is where nan shows too: a mask would take more memory."""
    for index, array in enumerate([*checkpoint.params, *checkpoint.arrays.values()]):
        if not -_LARGEST <= float(array.min()) <= float(array.max()) <= _LARGEST:
            raise CheckpointError(f"array {index} holds numbers that are no finite float32")
    names = list(parameter_shapes(checkpoint.vocab_size, checkpoint.model))
    again = checkpoint.params[names.index("affine.W")]  # where tied word vectors stand again
    if checkpoint.model.tied and not np.array_equal(checkpoint.params[0].T, again):
        raise CheckpointError("the tied embedding and output weights disagree")
