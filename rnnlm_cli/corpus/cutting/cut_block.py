"""A block of a text as tokens: a list of its words, and for each token the place of its word."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from struct import Struct

import numpy as np

from rnnlm_cli.arrays import Ids

_HEAD = Struct("<QQ")  # the tokens, and the bytes of each


@dataclass(frozen=True, slots=True, eq=False)
class CutBlock:
    """The tokens `words[i]` for each i in `ids` (tokens,); words stand as they first appear."""

    words: Sequence[str]
    ids: Ids  # uint16 or uint32

    @classmethod
    def of(cls, tokens: Sequence[str]) -> CutBlock:
        """The block of these tokens."""
        words = list(dict.fromkeys(tokens))
        places = dict(zip(words, range(len(words)), strict=True))
        narrow = len(words) <= 1 << 16
        found = map(places.__getitem__, tokens)
        return cls(words, np.fromiter(found, np.uint16 if narrow else np.uint32, len(tokens)))

    @property
    def tokens(self) -> list[str]:
        """All of them."""
        words = self.words
        return [words[i] for i in self.ids.tolist()]

    @property
    def counts(self) -> dict[str, int]:
        """How often each word stands there."""
        return dict(zip(self.words, np.bincount(self.ids).tolist(), strict=True))

    def packed(self) -> bytes:
        """The block as bytes."""
        words = json.dumps(self.words, ensure_ascii=False).encode()
        head = _HEAD.pack(len(self.ids), self.ids.itemsize)
        return b"".join([head, self.ids.tobytes(), words])

    @classmethod
    def unpacked(cls, data: bytes) -> CutBlock:
        """The block that was packed so."""
        count, width = _HEAD.unpack_from(data)
        kind = np.dtype(np.uint16) if width == 2 else np.dtype(np.uint32)
        ids: Ids = np.frombuffer(data, kind, count, _HEAD.size)
        return cls(json.loads(data[_HEAD.size + count * width :]), ids)
