"""A text in blocks, read as often as is asked: in memory, or in a file where it is not small."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from mmap import mmap

import numpy as np

from rnnlm_cli.corpus.kept import kept

BLOCK = 1 << 21  # bytes of text that are worked on at once


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
        text has all the others. What was dealt is not dealt again.
        """
        assert self._spans == [(0, len(self._data))], "a part of what was dealt"
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
