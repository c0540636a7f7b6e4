"""Small files of every kind that is read, and damaged ones made of them."""

from __future__ import annotations

import base64
import pickle
import pickletools
import zlib
from collections.abc import Sequence
from functools import cache

import numpy as np

from rnnlm_cli.arrays import Floats
from rnnlm_cli.checkpoint.header import pack_history, pack_run
from rnnlm_cli.corpus.text_record import TextRecord
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.pickling import dump_arrays
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.text import CorpusConfig
from tests.checkpoint.headers import EPOCH, RUN, seal
from tests.pickling.test_array_list import DUMPS_OF_NUMPY_1

WORDS = ("a", "<eos>", "吾輩")
SMALL = [np.arange(6, dtype="f4").reshape(2, 3), np.asfortranarray(np.ones((3, 4), ">f2"))]


def book(protocol: int) -> bytes:
    """The six arrays of the book's layout."""
    model = LanguageModel(3, ModelConfig(wordvec_size=2, hidden_size=2))
    return pickle.dumps([param.astype("f2") for param in model.params], protocol)


def checkpoint(state: bool) -> bytes:
    """A whole checkpoint; with a `state`, as in a `.last.pkl`."""
    config = ModelConfig(wordvec_size=2, hidden_size=2)
    model = LanguageModel(3, config, rng=np.random.default_rng(0))
    more: list[Floats] = [np.ones((2, 2), "f"), np.ones((2, 2), "f")] if state else []
    text = TextRecord(corpus="t", sha256="0", config=CorpusConfig(unit="word"), words=WORDS)
    header = {
        "format": "rnnlm",
        "version": 1,
        "model": {"vocab_size": 3, "wordvec_size": 2, "hidden_size": 2},
        "parameters": 6,
        "arrays": ["lstm1.h", "lstm1.c"] if state else [],
        "text": {
            "corpus": text.corpus,
            "sha256": text.sha256,
            "config": {"unit": "word"},
            "words": list(text.words),
        },
        "run": pack_run(RUN),
        "history": pack_history([EPOCH]),
        "timings": {"epochs": [{"words_per_second": 7.5, "seconds": 2}]},
        "numbers": {},
        "libraries": {},
    }
    return seal([*(np.ascontiguousarray(p) for p in model.params), *more], header)


LISTS = [pickle.dumps(SMALL, protocol) for protocol in (2, 3, 4, 5)] + [dump_arrays(SMALL)]
LISTS += [zlib.decompress(base64.b64decode(dump)) for dump in DUMPS_OF_NUMPY_1.values()]
CHECKPOINTS = [checkpoint(False), checkpoint(True), book(2), book(4)]
SEEDS = [*LISTS, *CHECKPOINTS]
WORD_IDS = {word: i for i, word in enumerate(("you", ".", "", "吾輩", "é"))}
VOCABULARIES = [
    WORD_IDS,
    dict(enumerate(WORD_IDS)),
    (WORD_IDS, dict(enumerate(WORD_IDS))),
    [dict(enumerate(WORD_IDS)), WORD_IDS],
    list(WORD_IDS),
    tuple(WORD_IDS),
]
WORD_SEEDS = [pickle.dumps(one, protocol) for one in VOCABULARIES for protocol in (2, 3, 4, 5)]


@cache
def opcodes(stream: bytes) -> list[bytes]:
    """The opcodes of a pickle, each with its argument."""
    starts = [place for _, _, place in pickletools.genops(stream) if place is not None]
    ends = [*starts[1:], len(stream)]
    return [stream[start:end] for start, end in zip(starts, ends, strict=True)]


def by_bytes(rng: np.random.Generator, seeds: Sequence[bytes] = SEEDS) -> bytes:
    """A seed with some bytes changed, moved, doubled, lost, or taken from another seed."""
    stream, other = (bytearray(seeds[i]) for i in rng.integers(len(seeds), size=2))
    for _ in range(rng.integers(1, 3)):
        start, end = sorted(rng.integers(len(stream) + 1, size=2))
        match rng.integers(5):
            case 0 | 1:
                stream[start : start + 1] = rng.bytes(1)
            case 2:
                stream[start:start] = stream[start : min(end, start + 40)]
            case 3:
                del stream[start : min(end, start + 9)]
            case 4:
                stream[start:start] = other[start : min(end, start + 60)]
    return bytes(stream)


def by_opcodes(rng: np.random.Generator, seeds: Sequence[bytes] = SEEDS) -> bytes:
    """A seed with some whole opcodes lost, doubled, swapped, or taken from another seed."""
    codes, other = (list(opcodes(seeds[i])) for i in rng.integers(len(seeds), size=2))
    for _ in range(rng.integers(1, 3)):
        one, two = rng.integers(len(codes), size=2)
        match rng.integers(5):
            case 0:
                del codes[one]
            case 1:
                codes.insert(one, codes[one])
            case 2:
                codes[one], codes[two] = codes[two], codes[one]
            case 3:
                start = rng.integers(len(other))
                codes[one:one] = other[start : start + rng.integers(1, 30)]
            case 4:
                codes[one] = other[rng.integers(len(other))]
    return b"".join(codes)
