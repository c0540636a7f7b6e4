"""What a list of arrays without a header is, told by their shapes.

The arrays stand layer after layer, as a network's `params` do, and each layer is a letter:

    M  (n, m)                       a matrix: word vectors (V, D)
    L  (n, 4H)  (H, 4H)  (4H,)      an LSTM
    G  (n, 3H)  (H, 3H)  [(3H,)]    a GRU, with or without biases
    R  (n, H)   (H, H)   (H,)       a plain RNN
    A  (n, m)   (m,)                an affine layer
    v  (m,)                         a vector alone

What networks of the book, and of its readers, spell stands in `_KINDS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple, NoReturn

import numpy as np

from rnnlm_cli.arrays import Floats
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.settings.model import ModelConfig

Shape = tuple[int, ...]


class Part(NamedTuple):
    """A layer: its letter, the sizes of what goes in and out, and how many arrays it has."""

    letter: str
    inputs: int
    outputs: int
    arrays: int


Parts = Sequence[Part]


def _any(parts: Parts) -> bool:
    return True


def _fits(parts: Parts) -> bool:
    """Whether each layer reads what the one below gives."""
    return all(below.outputs == above.inputs for below, above in pairwise(parts))


def _predicts_words(parts: Parts) -> bool:
    return _fits(parts) and parts[0].inputs == parts[-1].outputs


def _has_branches(parts: Parts) -> bool:
    """Whether the last layer stands beside the one that predicts words, and has fewer outputs."""
    *below, words, branches = parts
    beside = branches.inputs == words.inputs and branches.outputs < words.outputs
    return beside and _predicts_words([*below, words])


class Kind(NamedTuple):
    """A network: how it is spelt, whether its sizes go together, and what it is."""

    spelt: str
    sizes: Callable[[Parts], bool]
    what: str


_OWN_CLASS = (
    "but from Python a class of your own loads it, as in the book: rnnlm_cli.book has its layers "
    "and load_params"
)
_SPLIT = "a model with a split softmax, which only a whole checkpoint tells"
_LANGUAGE_MODEL = Kind("ML+AA?", _predicts_words, "a language model")
# The first row that fits.
_KINDS = (
    _LANGUAGE_MODEL,
    Kind(
        "MR+A",
        _predicts_words,
        "a SimpleRnnlm of chapter 5, a plain RNN: the commands are for LSTMs, but from Python "
        "rnnlm_cli.book works with it",
    ),
    Kind("M[LGR]+A", _predicts_words, "a language model of GRUs, and only LSTMs are known here"),
    Kind("ML+A{1,2}vv", _any, _SPLIT),
    Kind("ML+A{2,3}", _has_branches, _SPLIT),
    Kind("ML+[Mv]", _any, "an LSTM whose output layer lacks its weights or its biases"),
    Kind("M[LGR]+A+", _fits, "a classifier: its output has another size than its vocabulary"),
    Kind("M[LGR]+M[LGR]+[AM]", _any, "a seq2seq of chapter 7 or 8, an encoder and a decoder"),
    Kind("M[LGR]{2,}A", _any, "a seq2seq whose encoder and decoder share their word vectors"),
    Kind("M[LGR]+", _any, "an encoder: it has no output layer"),
    Kind("M", _any, "word vectors alone, as W_in of word2vec"),
    Kind("M+", _any, "word2vec of chapters 3 and 4: matrices alone"),
    Kind("A+", _any, "a network of affine layers"),
    Kind("", _any, "no model"),
    Kind(".*", _any, "no network that is known here"),
)


def model_of(arrays: Sequence[Floats]) -> ModelConfig:
    """The language model that `arrays` are of; what noise it was trained with they do not say.

    Raises CheckpointError, which says what they look like, where it is none that can be made here.
    """
    parts = parts_of([array.shape for array in arrays])
    if (kind := kind_of(parts)) is not _LANGUAGE_MODEL:
        _refuse(arrays, kind.what)
    units = [part.outputs for part in parts if part.letter == "L"]
    tied = np.array_equal(arrays[0].T, arrays[-2])
    projection = len(parts) > len(units) + 2
    # Without a projection the last LSTM under tied weights may be as narrow as a word vector.
    alike = units[:-1] if tied and not projection and len(units) > 1 else units
    if len(set(alike)) > 1:
        _refuse(
            arrays,
            f"LSTMs of {', '.join(map(str, units))} units: those of the commands have one size, "
            f"{_OWN_CLASS}",
        )
    if projection and not tied:
        _refuse(
            arrays,
            "two affine layers over an LSTM: in the commands only tied weights have two, "
            f"{_OWN_CLASS}",
        )
    return ModelConfig(
        wordvec_size=parts[0].outputs,
        hidden_size=units[0],
        layers=len(units),
        tied=tied,
        projection=projection,
    )


def kind_of(parts: Parts) -> Kind:
    """The network that has these layers."""
    letters = "".join(part.letter for part in parts)
    return next(kind for kind in _KINDS if re.fullmatch(kind.spelt, letters) and kind.sizes(parts))


def parts_of(shapes: Sequence[Shape]) -> list[Part]:
    """The layers that arrays of these `shapes` make, from the bottom up."""
    parts: list[Part] = []
    rest = list(shapes)
    while rest:
        parts.append(_first_part(rest))
        rest = rest[parts[-1].arrays :]
    return parts


def _first_part(shapes: Sequence[Shape]) -> Part:
    for letter, gates in (("L", 4), ("G", 3), ("R", 1)):
        match shapes[:3]:
            case [(n, a), (H, b), (c,)] if a == b == c == gates * H:
                return Part(letter, n, H, 3)
            case [(n, a), (H, b), *_] if letter == "G" and a == b == 3 * H:
                return Part(letter, n, H, 2)
    match shapes[:2]:
        case [(n, m), (k,)] if k == m:
            return Part("A", n, m, 2)
        case [(n, m), *_]:
            return Part("M", n, m, 1)
        case [(m,), *_]:
            return Part("v", m, m, 1)
    return Part("?", 0, 0, 1)


def _refuse(arrays: Sequence[Floats], what: str) -> NoReturn:
    raise CheckpointError(f"its {len(arrays)} arrays look like those of {what}")
