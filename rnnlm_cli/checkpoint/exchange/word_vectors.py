"""Word vectors in word2vec's text format: their number and length, then a word and its numbers.

What stands between is one blank, so a word can have none: `▁` (U+2581) stands for it, and other
white space is escaped, as in Python.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rnnlm_cli.arrays import Floats

SUFFIX = ".vec"
BLANK = "▁"


def lines(vectors: Floats, words: Sequence[str]) -> Iterator[str]:
    """The lines of the file, of vectors (V, D)."""
    yield "{} {}\n".format(*vectors.shape)
    for name, vector in zip(names(words), vectors, strict=True):
        yield f"{name} {' '.join(vector.astype(str))}\n"


def names(words: Sequence[str]) -> list[str]:
    """The words without white space; where two would be the same, one has another `▁` behind it."""
    taken, found = set(words), list[str]()
    for word in words:
        name = "".join(map(_written, word))
        while name != word and name in taken:
            name += BLANK
        taken.add(name)
        found.append(name)
    return found


def _written(character: str) -> str:
    if character == " ":
        return BLANK
    return character.encode("unicode_escape").decode() if character.isspace() else character
