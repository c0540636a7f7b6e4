"""The files of rnnlm: a model with its words and its history in one pickled list of arrays.

arrays[0 .. n]   the parameters in the book's order, float32
further arrays   what an exact resume needs, in a `.last.pkl`
arrays[-1]       uint8: a JSON header in UTF-8 that names everything
"""

from __future__ import annotations

import hashlib
import os

import numpy as np

from rnnlm_cli.arrays import Floats
from rnnlm_cli.checkpoint.contents import Checkpoint
from rnnlm_cli.checkpoint.envelope import pack_header, unpack_header
from rnnlm_cli.checkpoint.formats import Format, ModelFile
from rnnlm_cli.checkpoint.header import Header, pack, parse, unpack
from rnnlm_cli.errors import CheckpointError, in_file, quoted
from rnnlm_cli.pickling import write_arrays
from rnnlm_cli.pickling.regular_files import opened

# How the JSON of a header begins, which is in no string of it, and what its array ends with.
_HEADER_BEGINS, _ARRAY_ENDS = b'{"arrays": [', b"tba."


def array_hash(arrays: list[Floats]) -> str:
    """SHA-256 over dtype, shape and bytes of every array."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).view(np.uint8).reshape(-1).data)
    return digest.hexdigest()


def _arrays(checkpoint: Checkpoint) -> list[Floats]:
    """All of the file but its header."""
    resume = checkpoint.resume
    return [*checkpoint.params, *(resume.state.arrays.values() if resume else ())]


def write(path: str | os.PathLike[str], checkpoint: Checkpoint, *, backup: str | None) -> None:
    """Write `checkpoint` as `save_checkpoint` promises."""
    # Transposed parameters are copied one by one.
    arrays = [np.asarray(array, np.float32) for array in _arrays(checkpoint)]
    header = pack(checkpoint) | {"sha256": {"arrays": array_hash(arrays)}}
    packed = pack_header(header, sum(array.nbytes for array in arrays))
    write_arrays(path, [*arrays, packed], backup=backup)


def read_header(path: str | os.PathLike[str]) -> Header:
    """The header of a file of this program, out of its end; its arrays are not looked at.

    Raises CheckpointError where there is none, or a damaged one.
    """
    try:
        with opened(path) as (file, size):
            length, start = 1 << 18, -1
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
        return parse(unpack_header(packed, size))


def _has_header(file: ModelFile) -> bool:
    return bool(file.arrays) and file.arrays[-1].dtype == np.uint8


def _read(file: ModelFile) -> Checkpoint:
    *arrays, packed = file.arrays
    header = parse(unpack_header(packed, sum(array.nbytes for array in arrays)))
    checkpoint = unpack(header, arrays)
    _check_arrays(header, arrays)
    return checkpoint


def _check_arrays(header: Header, arrays: list[Floats]) -> None:
    """Raises CheckpointError if `arrays` are not those that the header was written with."""
    count, names = header.parameters, header.arrays
    if len(arrays) != count + len(names) or len(set(names)) != len(names):
        raise CheckpointError(
            f"found {len(arrays)} arrays, but the header names {count} and {len(names)} more: "
            "the file is damaged"
        )
    if array_hash(arrays) != header.sha256.get("arrays"):
        raise CheckpointError("the arrays do not match their SHA-256: the file is damaged")
    if any(array.dtype != np.float32 for array in arrays):
        raise CheckpointError("an array is not float32, as all beside a header are")


FORMAT = Format(recognises=_has_header, read=_read)
