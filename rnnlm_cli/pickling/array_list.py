"""A list of arrays <-> a pickle file.

The file is an ordinary pickle, which `pickle.load` reads on NumPy 1 and 2; here it is read by
`ArrayMachine`, because `pickle.load` on a stranger's file runs the stranger's program.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

import numpy as np

from rnnlm_cli.atomic import write_atomically
from rnnlm_cli.errors import CheckpointError, in_file
from rnnlm_cli.pickling.array_machine import MAX_ARRAYS, ArrayMachine
from rnnlm_cli.pickling.foreign import described
from rnnlm_cli.pickling.objects import MAX_DIMENSIONS, Array, refuse
from rnnlm_cli.pickling.regular_files import opened, read_file

MAX_FILE_BYTES = 4 << 30
_FRAMING = 256  # more than the opcodes of one array take
_STACK_GLOBAL = b"\x93"


def read_arrays(path: str | os.PathLike[str]) -> list[Array]:
    """The arrays of the file `path`: C-ordered, in native byte order, each with its own memory.

    Raises CheckpointError where the file cannot be read or holds anything else.
    """
    with in_file(path):
        return arrays_of(path)


def arrays_of(path: str | os.PathLike[str]) -> list[Array]:
    """The same; what is wrong is told without the name of the file."""
    try:
        return _parsed(read_file(path, MAX_FILE_BYTES))
    except OSError as error:
        raise _unreadable(error) from error
    except MemoryError as error:
        raise CheckpointError("there is not enough memory to read it") from error


def parse_arrays(data: bytes | memoryview) -> list[Array]:
    """The arrays of a pickled list; CheckpointError at the first byte that is something else."""
    return ArrayMachine(memoryview(data).cast("B")).run()


def write_arrays(
    path: str | os.PathLike[str], arrays: Sequence[Array], *, backup: str | None = None
) -> None:
    """Write `arrays` to the file `path`, whole or not at all (`write_atomically`).

    Raises CheckpointError where the system refuses, and the errors of `dump_arrays`.
    """
    chunks = _chunks(arrays)
    write_atomically(path, chunks, sum(array.nbytes for array in arrays), backup=backup)


def dump_arrays(arrays: Sequence[Array]) -> bytes:
    """The pickle of a list of arrays: the same arrays give the same bytes.

    Raises ValueError for what `parse_arrays` would refuse: other dtypes than f2, f4, f8 and u1,
    empty arrays, no axis or more than 4; CheckpointError for too many arrays or bytes.
    """
    return b"".join(_chunks(arrays))


def begins_as_written(path: str | os.PathLike[str]) -> bool:
    """Whether `path` is a file that begins as `write_arrays` does, and no other writer of pickles.

    What comes behind may be damaged. Raises CheckpointError, without the name of the file, where it
    cannot be read.
    """
    beginning = _beginning()
    try:
        with opened(path) as (file, _):
            return file.read(len(beginning)) == beginning
    except OSError as error:
        raise _unreadable(error) from error


def _unreadable(error: OSError) -> CheckpointError:
    return CheckpointError(f"cannot be read: {error.strerror or error}")


def _parsed(data: bytes) -> list[Array]:
    """The same as `parse_arrays`; what is no list of arrays is told for what it looks like."""
    machine = ArrayMachine(memoryview(data))
    try:
        return machine.run()
    except CheckpointError as error:
        what = None if data.startswith(_beginning()) else described(data, machine.start)
        problem = f"found {what}" if what else f"{error}: it is damaged or not a checkpoint"
        raise CheckpointError(problem) from None


def _beginning() -> bytes:
    """The first bytes of what is written, up to the first name, as no other writer has them."""
    return b"".join(dump_arrays([np.zeros(1, np.uint8)]).partition(_STACK_GLOBAL)[:2])


def _chunks(arrays: Sequence[Array]) -> Iterator[bytes | memoryview]:
    """Check `arrays`; then the pickle in pieces, the numbers not copied where they lie in order."""
    for array in arrays:
        fits = array.dtype.str[1:] in ("f2", "f4", "f8", "u1") and array.size > 0
        if not fits or not 1 <= array.ndim <= MAX_DIMENSIONS:
            raise ValueError(f"an array of {array.dtype} and shape {array.shape} has no place")
    size = sum(array.nbytes + _FRAMING for array in arrays)
    if len(arrays) > MAX_ARRAYS or size > MAX_FILE_BYTES:
        found = f"{len(arrays)} arrays of {size} bytes to write"
        refuse(found, f"{MAX_ARRAYS} and {MAX_FILE_BYTES} are the most")
    return _pickled(arrays)


def _pickled(arrays: Sequence[Array]) -> Iterator[bytes | memoryview]:
    """Protocol 4 without memo: PROTO, EMPTY_LIST, then for each array the calls and APPEND, STOP.

    The module is called numpy.core, as NumPy 1 and 2 both read; NumPy 2 writes numpy._core.
    """
    yield b"\x80\x04]"
    for array in arrays:
        dtype = array.dtype.newbyteorder("<")
        yield _name("numpy.core.multiarray", "_reconstruct") + _name("numpy", "ndarray")
        yield b"K\x00\x85" + b"C\x01b" + b"\x87R"  # (ndarray, (0,), b"b"), REDUCE
        yield b"(K\x01" + b"(" + b"".join(map(_number, array.shape)) + b"t"  # 1, shape
        yield _name("numpy", "dtype") + _text(dtype.str[1:]) + b"\x89\x88\x87R"
        yield b"(K\x03" + _text(dtype.str[0]) + b"NNN" + 2 * b"J\xff\xff\xff\xff" + b"K\x00tb"
        yield b"\x89"  # not in F order
        yield b"\x8e" + array.nbytes.to_bytes(8, "little")  # BINBYTES8
        yield np.ascontiguousarray(array, dtype).reshape(-1).view(np.uint8).data
        yield b"tba"  # TUPLE, BUILD, APPEND
    yield b"."


def _name(module: str, name: str) -> bytes:
    return _text(module) + _text(name) + _STACK_GLOBAL


def _text(text: str) -> bytes:
    return b"\x8c" + bytes([len(text)]) + text.encode("ascii")  # SHORT_BINUNICODE


def _number(number: int) -> bytes:
    return b"\x8a\x08" + number.to_bytes(8, "little", signed=True)  # LONG1
