"""Encoded corpora on disk, so that a text is tokenised once: one file each, never trusted blindly.

A file is five arrays in the `.npy` format, one after the other (the words as UTF-8 JSON, the
counts of a `Lost`, the ids of train, valid and test), and the SHA-256 of its key and of all bytes
before it; the merges that were learnt of a text are one array, in a file of their own. A file that
does not agree counts as absent. A folder that cannot be written to is not used, without a word.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from io import BytesIO
from itertools import chain
from mmap import ACCESS_READ, mmap
from typing import Any, TypeVar

import numpy as np
from numpy.lib.format import header_data_from_array_1_0, write_array_header_1_0
from numpy.typing import DTypeLike, NDArray

from rnnlm_cli.arrays import Ids
from rnnlm_cli.atomic import replacing
from rnnlm_cli.corpus.cache_folder import cache_folder, keep_newest
from rnnlm_cli.corpus.cutting.pieces import Merge
from rnnlm_cli.corpus.cutting.scripts import tables
from rnnlm_cli.corpus.cutting.units import Tokenizer
from rnnlm_cli.corpus.kept import SMALL, chunks, id_type
from rnnlm_cli.corpus.vocabulary import Lost, Vocabulary
from rnnlm_cli.errors import VocabularyError
from rnnlm_cli.pickling.regular_files import NoFile, opened
from rnnlm_cli.settings.text import SPLITS, Split

FORMAT = 4  # to be raised with every change of this file; the key tells texts and rules apart
KEPT = 20  # corpora; the oldest go first
DIGEST_SIZE = 32
_COUNTS = len(fields(Lost))
# The header of an array as `_npy` writes it: NumPy's reader would evaluate what anybody wrote.
_HEADER = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '([<>|][iu][1248])', 'fortran_order': False, "
    rb"'shape': \((\d{1,18}), ?(\d{0,18})\), \} *\n",
    re.DOTALL,
)

AnyArray = NDArray[Any]
Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """The V words of a vocabulary, what it left out, and the ids (tokens,) of each split."""

    words: tuple[str, ...]
    cut: Lost
    ids: dict[Split, Ids]


def cache_key(text_sha256: str, tokenizer: Tokenizer, min_count: int, max_vocab: int) -> str:
    """The name of what is made of that text with these settings: 64 hexadecimal digits."""
    # the tables say what a letter is
    settings = [FORMAT, tables(), text_sha256, *astuple(tokenizer), min_count, max_vocab]
    return hashlib.sha256(json.dumps(settings).encode()).hexdigest()


def merges_key(text_sha256: str, tokenizer: Tokenizer, size: int) -> str:
    """The name of the merges of that text for a vocabulary of that size, where it is cut so."""
    settings = ["merges", FORMAT, tables(), text_sha256, *astuple(tokenizer), size]
    return hashlib.sha256(json.dumps(settings).encode()).hexdigest()


def load_encoded(key: str) -> Encoded | None:
    """What `store_encoded` put under `key`; None if it is not there, or not whole."""
    return _load(key, _parse)


def load_merges(key: str) -> tuple[Merge, ...] | None:
    """What `store_merges` put under `key`; None if it is not there, or not whole.

    Whether they make pieces, the tokenizer knows that is made of them.
    """
    return _load(key, _parse_merges)


def _load(key: str, parse: Callable[[mmap], Kept]) -> Kept | None:
    path = cache_folder() / f"{key}.npy"
    try:
        with opened(path) as (file, _):
            data = mmap(file.fileno(), 0, access=ACCESS_READ)
        digest = hashlib.sha256(key.encode())
        with memoryview(data) as whole:
            digest.update(whole[:-DIGEST_SIZE])
        return parse(data) if digest.digest() == data[-DIGEST_SIZE:] else None
    except (NoFile, OSError, ValueError, TypeError, OverflowError, MemoryError, RecursionError):
        return None  # anybody can write a file with a digest that is right


def _array(data: mmap) -> AnyArray:
    """The next array of `data`: a copy where it is small, so that few files are held."""
    header = _HEADER.match(data, data.tell())
    if header is None:
        raise ValueError("an array that was not written here")
    dtype, shape = np.dtype(header[1].decode()), tuple(map(int, filter(None, header.groups()[1:])))
    start, count = header.end(), math.prod(shape)
    if start + count * dtype.itemsize > len(data) - DIGEST_SIZE:
        raise ValueError(f"an array of shape {shape} where there are {len(data):,} bytes")
    data.seek(start + count * dtype.itemsize)
    array = np.frombuffer(data, dtype, count, start) if count else np.empty(0, dtype)
    return (array if array.nbytes > SMALL else array.copy()).reshape(shape)


def _parse(data: mmap) -> Encoded:
    """The corpus in the arrays of `data`; ValueError and its like where it is none."""
    words, counts, *ids = [_array(data) for _ in ("words", "counts", *SPLITS)]
    if counts.dtype != np.int64 or counts.shape != (_COUNTS,) or counts.min() < 0:
        raise ValueError(f"counts of {counts.dtype} and shape {counts.shape}")
    try:
        vocabulary = Vocabulary(tuple(json.loads(words.tobytes())))
    except VocabularyError as error:
        raise ValueError from error
    if vocabulary.eos_id is None:
        raise ValueError("words of a text always have the end of a line")
    for split in ids:
        inside = split.size == 0 or 0 <= split.min() <= split.max() < len(vocabulary)
        if split.dtype != id_type(len(vocabulary)) or split.ndim != 1 or not inside:
            raise ValueError(f"ids of {split.dtype} and shape {split.shape}")
    cut, held = Lost(*counts.tolist()), [_widened(split) for split in ids]
    return Encoded(vocabulary.words, cut, dict(zip(SPLITS, held, strict=True)))


def _widened(ids: Ids) -> Ids:
    """As int32, unless they are mapped."""
    return ids if ids.nbytes > SMALL else ids.astype(np.int32, copy=False)


def _parse_merges(data: mmap) -> tuple[Merge, ...]:
    """The merges in the array of `data`; ValueError and its like where there are none."""
    array = _array(data)
    if array.dtype != np.int32 or array.ndim != 2 or array.shape[1] != 2:
        raise ValueError(f"merges of {array.dtype} and shape {array.shape}")
    return tuple((one, other) for one, other in array.tolist())


def store_encoded(key: str, encoded: Encoded) -> None:
    """Keep `encoded` under `key`, if the cache folder can be written to; at once or not at all."""
    words = np.frombuffer(json.dumps(encoded.words, ensure_ascii=False).encode(), np.uint8)
    cut = np.array(astuple(encoded.cut), np.int64)
    ids = (_npy(encoded.ids[split], id_type(len(encoded.words))) for split in SPLITS)
    _store(key, chain(_npy(words), _npy(cut), *ids))


def store_merges(key: str, merges: Sequence[Merge]) -> None:
    """Keep `merges` under `key`, if the cache folder can be written to; at once or not at all."""
    _store(key, _npy(np.array(merges, np.int32).reshape(-1, 2)))


def _store(key: str, pieces: Iterable[bytes]) -> None:
    folder, digest = cache_folder(), hashlib.sha256(key.encode())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(folder / f"{key}.npy") as part, part.open("xb") as file:
            for piece in pieces:
                digest.update(piece)
                file.write(piece)
            file.write(digest.digest())
        keep_newest(folder, rf"[0-9a-f]{{{2 * DIGEST_SIZE}}}\.npy", KEPT)
    except OSError:
        pass  # the next run tokenises again


def _npy(array: AnyArray, dtype: DTypeLike | None = None) -> Iterator[bytes]:
    """The array (n,) in the `.npy` format, its numbers of that type, in pieces."""
    header = BytesIO()
    head = header_data_from_array_1_0(np.empty(0, dtype or array.dtype)) | {"shape": array.shape}
    write_array_header_1_0(header, head)
    yield header.getvalue()
    yield from (each.astype(dtype or array.dtype).tobytes() for each in chunks(array))
