"""What is too large for memory, kept in files that nobody else sees.

They have no name, so that a process that is killed leaves nothing; what is read of them are pages
of the file, which the system drops when memory is short.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from itertools import chain
from mmap import ACCESS_READ, ACCESS_WRITE, mmap
from pathlib import Path
from tempfile import TemporaryFile
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from rnnlm_cli.arrays import Ids
from rnnlm_cli.corpus.reading.files import shown
from rnnlm_cli.errors import CorpusError

Number = TypeVar("Number", np.float64, np.int32)

SMALL = 1 << 25  # bytes: so much is held in memory
BLOCK = 1 << 21  # bytes of text that are worked on at once
CHUNK = 1 << 22  # ids that are worked on at once
_DAY = 86_400  # seconds


def cache_folder() -> Path:
    """Where what can be made again is kept: $RNNLM_CACHE, else the system's place for it."""
    chosen = os.environ.get("RNNLM_CACHE")
    if chosen:
        return Path(chosen)
    from platformdirs import user_cache_path

    return user_cache_path("rnnlm", appauthor=False)


def keep_newest(paths: Iterable[Path], most: int, parts: Iterable[Path] = ()) -> None:
    """Remove all but the `most` newest of these files, and the `parts` that are a day old, which a
    killed process has left half written."""
    ages = sorted((-path.stat().st_mtime, path) for path in paths)
    dead = [path for path in parts if path.stat().st_mtime < time.time() - _DAY]
    for path in [*(path for _, path in ages[most:]), *dead]:
        path.unlink(missing_ok=True)


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


def no_room(folder: Path | None, error: OSError) -> CorpusError:
    """That nothing can be kept in `folder`; None: in the system's."""
    where = shown(folder) if folder else "the folder for temporary files"
    return CorpusError(
        f"{where}: a text cannot be kept there ({error.strerror or error}): make room, or name "
        "another folder in RNNLM_CACHE"
    )


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
    zeros = np.zeros(min(size, CHUNK), number)
    if zeros.itemsize * size <= SMALL:
        return np.zeros(size, number)
    pieces = (zeros[: size - start].tobytes() for start in range(0, size, CHUNK))
    return np.frombuffer(_mapped(pieces, ACCESS_WRITE), number)


def chunks(ids: Ids) -> Iterator[Ids]:
    """`ids` (n,) in parts, so that what is made of each takes little memory."""
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


class KeptText:
    """A text that is read block by block, as often as is asked: a block ends where a line does."""

    def __init__(self, data: bytes | mmap, spans: list[tuple[int, int]] | None = None) -> None:
        """`data` in UTF-8, or the `spans` of it that are the text, each from a line's start."""
        self._data = data
        self._spans = [(0, len(data))] if spans is None else spans
        self.size = sum(end - start for start, end in self._spans)  # in bytes

    @classmethod
    def of(cls, pieces: Iterable[str]) -> KeptText:
        """The text of these `pieces`, which may be cut anywhere."""
        return cls(kept(piece.encode() for piece in pieces))

    def __iter__(self) -> Iterator[str]:
        return (block.decode() for block in self.in_bytes())

    def __str__(self) -> str:
        return "".join(self)

    def in_bytes(self) -> Iterator[bytes]:
        """The blocks in UTF-8."""
        held, size = list[bytes](), 0
        for start, end in self._spans:
            while start < end:
                cut = self._cut(start, end, BLOCK - size)
                held.append(self._data[start:cut])
                size, start = size + cut - start, cut
                if size >= BLOCK or start < end:
                    yield b"".join(held)
                    held, size = [], 0
        if held:
            yield b"".join(held)

    def _cut(self, start: int, end: int, room: int) -> int:
        """Where a block that has so much room ends: behind a line end, or at the end of a span."""
        if end - start <= room:
            return end
        return self._data.rfind(b"\n", start, start + room) + 1 or (
            self._data.find(b"\n", start + room, end) + 1 or end
        )

    def beginning(self, characters: int) -> str:
        """Its first blocks, of so many characters or more, if it has as many."""
        held, count = list[str](), 0
        for block in self:
            held.append(block)
            count += len(block)
            if count >= characters:
                break
        return "".join(held)

    def dealt(self, lines: int, group: int, *places: int) -> list[KeptText]:
        """The text in parts of so many `lines`, dealt to several texts that share its bytes.

        Of every `group` parts the one at each of `places` goes to a text of its own; the first
        text has all the others.
        """
        texts: list[list[tuple[int, int]]] = [[] for _ in range(1 + len(places))]
        starts = self._part_starts(lines)
        for i, span in enumerate(zip(starts, [*starts[1:], len(self._data)], strict=True)):
            spans = texts[1 + places.index(i % group) if i % group in places else 0]
            if spans and spans[-1][1] == span[0]:
                spans[-1] = spans[-1][0], span[1]
            else:
                spans.append(span)
        return [KeptText(self._data, spans) for spans in texts]

    def _part_starts(self, lines: int) -> list[int]:
        starts, offset, before = [0], 0, 0
        for block in self.in_bytes():
            ends = np.flatnonzero(np.frombuffer(block, np.uint8) == ord("\n"))
            first = (lines - 1 - before) % lines
            starts += (offset + 1 + ends[first::lines]).tolist()
            offset, before = offset + len(block), (before + len(ends)) % lines
        return starts[:-1] if starts[-1] == offset else starts
