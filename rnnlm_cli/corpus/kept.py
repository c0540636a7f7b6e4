"""What is too large for memory, kept in files that nobody else sees.

They have no name, so that a process that is killed leaves nothing; what is read of them are pages
of the file, which the system drops when memory is short.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from mmap import ACCESS_READ, ACCESS_WRITE, mmap
from pathlib import Path
from tempfile import TemporaryFile
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from rnnlm_cli.arrays import Ids
from rnnlm_cli.corpus.cache_folder import cache_folder, no_room

Number = TypeVar("Number", np.float64, np.int32)

SMALL = 1 << 25  # bytes: so much is held in memory
IDS_AT_ONCE = 1 << 22  # ids that are worked on at once


def kept(pieces: Iterable[bytes]) -> bytes | mmap:
    """The `pieces` one after the other: in memory, or mapped where they are not small.

    Raises CorpusError where the disk has no room for them.
    """
    held, size, left = list[bytes](), 0, iter(pieces)
    for piece in left:
        held.append(piece)
        size += len(piece)
        if size > SMALL:
            return _mapped(chain([b"".join(held)], left))
    return b"".join(held)


def _mapped(pieces: Iterable[bytes], access: int = ACCESS_READ) -> mmap:
    folder: Path | None = cache_folder()
    try:
        assert folder is not None
        folder.mkdir(parents=True, exist_ok=True)
        file = TemporaryFile(dir=folder)
    except OSError:
        folder = file = None
    try:
        with file or TemporaryFile() as file:  # where the system has room for such files
            file.writelines(pieces)
            file.flush()
            return mmap(file.fileno(), 0, access=access)
    except OSError as error:
        raise no_room(folder, error) from None


def id_type(vocab_size: int) -> np.dtype[np.uint16] | np.dtype[np.int32]:
    """What ids of so many words take on the disk, and where they are mapped."""
    return np.dtype(np.uint16) if vocab_size <= 1 << 16 else np.dtype(np.int32)


def kept_ids(pieces: Iterable[Ids], vocab_size: int) -> Ids:
    """The `pieces` (n,) as one array, read-only: int32, or of `id_type` where it is mapped."""
    dtype = id_type(vocab_size)
    data = kept(each.astype(dtype).tobytes() for each in pieces)
    ids: Ids = np.frombuffer(data, dtype)
    if isinstance(data, bytes) and dtype != np.int32:
        ids = ids.astype(np.int32)
        ids.setflags(write=False)
    return ids


def scratch(size: int, number: type[Number]) -> NDArray[Number]:
    """(size,) zeros to write on: in memory, or pages of a file where they are not small."""
    zeros = np.zeros(min(size, IDS_AT_ONCE), number)
    if zeros.itemsize * size <= SMALL:
        return np.zeros(size, number)
    pieces = (zeros[: size - start].tobytes() for start in range(0, size, IDS_AT_ONCE))
    return np.frombuffer(_mapped(pieces, ACCESS_WRITE), number)


def chunks(ids: Ids) -> Iterator[Ids]:
    """`ids` (n,) in parts, so that what is made of each takes little memory."""
    return (ids[start : start + IDS_AT_ONCE] for start in range(0, len(ids), IDS_AT_ONCE))
