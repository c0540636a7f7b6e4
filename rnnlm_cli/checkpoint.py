"""The checkpoint file: a model with its words and its history in one pickled list of arrays.

    arrays[0 .. n]   the parameters in the book's order, float32
    further arrays   what an exact resume needs, in a `.last.pkl`
    arrays[-1]       uint8: a JSON header in UTF-8 that names everything

The book's own files are the parameters alone, in float16. They load too, without words.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

import numpy as np

from rnnlm_cli import __version__
from rnnlm_cli.config import CorpusConfig, ModelConfig
from rnnlm_cli.corpus.corpus import Corpus
from rnnlm_cli.corpus.vocabulary import Vocabulary
from rnnlm_cli.errors import CheckpointError, ConfigError, VocabularyError, quoted
from rnnlm_cli.functions import Array
from rnnlm_cli.model import LanguageModel
from rnnlm_cli.pickling import read_arrays, write_arrays

FORMAT = "rnnlm"
VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRecord:
    """The text a model was trained on, and how it was cut into tokens."""

    corpus: str  # a corpus name or a path, as given
    sha256: str  # of the text
    config: CorpusConfig  # with the unit that was used
    words: tuple[str, ...]  # the vocabulary, by id

    @classmethod
    def of(cls, corpus: Corpus, config: CorpusConfig) -> TextRecord:
        """The record of a corpus that was loaded with `config`."""
        return cls(
            corpus=corpus.name,
            sha256=corpus.sha256,
            config=replace(config, unit=corpus.unit),
            words=corpus.vocabulary.words,
        )

    @property
    def vocabulary(self) -> Vocabulary:
        """The words as a Vocabulary."""
        return Vocabulary(self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What a checkpoint file holds. `text` and all below it are empty in a book's file."""

    vocab_size: int
    model: ModelConfig
    params: list[Array]  # in the book's order
    text: TextRecord | None = None
    run: dict[str, Any] = field(default_factory=dict)  # id, preset, training config
    history: list[dict[str, Any]] = field(default_factory=list)  # a dict an epoch, no timings
    timings: dict[str, Any] = field(default_factory=dict)
    numbers: dict[str, Any] = field(default_factory=dict)  # of the trainer, for a resume
    arrays: dict[str, Array] = field(default_factory=dict)  # of the trainer, for a resume

    def build_model(self, threads: int | None = None) -> LanguageModel:
        """A model with these parameters, on so many threads (None: all cores).

        Raises CheckpointError if they do not fit together.
        """
        rng = np.random.default_rng(0)  # what it draws is overwritten
        model = LanguageModel(self.vocab_size, self.model, rng=rng, threads=threads)
        model.assign(self.params)
        return model


def array_hash(arrays: list[Array]) -> str:
    """SHA-256 over dtype, shape and bytes of every array."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).view(np.uint8).reshape(-1).data)
    return digest.hexdigest()


def _header_bytes(header: dict[str, Any]) -> bytes:
    text = json.dumps(header, ensure_ascii=False, allow_nan=False, sort_keys=True)
    # A path that is not UTF-8 has surrogates, which UTF-8 cannot hold but JSON can.
    return re.sub("[\ud800-\udfff]", lambda s: f"\\u{ord(s[0]):04x}", text).encode("utf-8")


def _header_hash(header: dict[str, Any]) -> str:
    bare = {key: value for key, value in header.items() if key != "sha256"}
    return hashlib.sha256(_header_bytes(bare)).hexdigest()


def save_checkpoint(
    path: str | os.PathLike[str], checkpoint: Checkpoint, *, backup: str | None = None
) -> None:
    """Write `checkpoint` to `path` atomically; what it replaces stays under the name `backup`.

    Raises CheckpointError.
    """
    text = checkpoint.text
    assert text is not None, "a checkpoint without words is not written"
    params = [np.asarray(array, np.float32) for array in checkpoint.params]  # copied one by one
    arrays = [*params, *checkpoint.arrays.values()]
    header: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "model": {"vocab_size": checkpoint.vocab_size, **asdict(checkpoint.model)},
        "parameters": len(params),
        "arrays": list(checkpoint.arrays),
        "text": asdict(text),
        "run": checkpoint.run,
        "history": checkpoint.history,
        "timings": checkpoint.timings,
        "numbers": checkpoint.numbers,
        "libraries": {
            "rnnlm": __version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
    }
    header["sha256"] = {"arrays": array_hash(arrays), "header": _header_hash(header)}
    arrays.append(np.frombuffer(_header_bytes(header), np.uint8))
    write_arrays(path, arrays, backup=backup)


def load_checkpoint(path: str | os.PathLike[str]) -> Checkpoint:
    """Read a checkpoint of this program or of the book. Raises CheckpointError naming the file."""
    if not os.path.exists(path):
        raise CheckpointError(
            f"{quoted(path)}: no such file: train a model first (rnnlm train), or name another"
        )
    arrays = read_arrays(path)
    try:
        if arrays and arrays[-1].dtype == np.uint8:
            return _with_header(arrays[:-1], _parse_header(arrays[-1]))
        return _from_book(arrays)
    except (CheckpointError, ConfigError, VocabularyError) as error:
        raise CheckpointError(f"{os.fspath(path)}: {error}") from None


def _parse_header(array: Array) -> dict[str, Any]:
    """The header, its own hash checked: what follows can trust its structure."""
    try:
        header = json.loads(array.tobytes().decode("utf-8"))
        version = header["version"] if header["format"] == FORMAT else None
        if isinstance(version, int) and version > VERSION:
            raise CheckpointError(
                f"written by a newer rnnlm (format {version}, known is {VERSION}): upgrade rnnlm"
            )
        if version != VERSION or header["sha256"]["header"] != _header_hash(header):
            raise CheckpointError("the header is damaged: use another copy of the file")
    except (ValueError, KeyError, TypeError, RecursionError):
        raise CheckpointError("the header is not one that rnnlm writes") from None
    return dict(header)


def _known(kind: type[Any], settings: dict[str, Any]) -> dict[str, Any]:
    """`settings` checked against the fields of a config class."""
    names = {f.name for f in fields(kind)}
    if unknown := set(settings) - names:
        raise TypeError(f"unknown settings {sorted(unknown)}")
    return settings


def _with_header(arrays: list[Array], header: dict[str, Any]) -> Checkpoint:
    try:
        count, names = header["parameters"], header["arrays"]
        if len(arrays) != count + len(names):
            raise CheckpointError(
                f"found {len(arrays)} arrays, but the header names {count + len(names)}: "
                "the file is damaged"
            )
        if array_hash(arrays) != header["sha256"]["arrays"]:
            raise CheckpointError("the arrays do not match their SHA-256: the file is damaged")
        model, text = dict(header["model"]), dict(header["text"])
        vocab_size, words = model.pop("vocab_size"), tuple(text.pop("words"))
        if len(words) != vocab_size:
            raise CheckpointError(f"{len(words)} words for a vocabulary of {vocab_size}")
        Vocabulary(words)  # raises where two words are the same
        config = CorpusConfig(**_known(CorpusConfig, text.pop("config")))
        checkpoint = Checkpoint(
            vocab_size=vocab_size,
            model=ModelConfig(**_known(ModelConfig, model)),
            params=arrays[:count],
            text=TextRecord(words=words, config=config, **text),
            run=dict(header["run"]),
            history=list(header["history"]),
            timings=dict(header["timings"]),
            numbers=dict(header["numbers"]),
            arrays=dict(zip(names, arrays[count:], strict=True)),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise CheckpointError("the header lacks what this version of rnnlm needs") from None
    _check_shapes(checkpoint)
    return checkpoint


def _check_shapes(checkpoint: Checkpoint) -> None:
    """Compare shapes before a model of the declared sizes is allocated."""
    V, D, H = checkpoint.vocab_size, checkpoint.model.wordvec_size, checkpoint.model.hidden_size
    expected: list[tuple[int, ...]] = [(V, D)]
    for index in range(min(checkpoint.model.layers, len(checkpoint.params))):
        expected += [(D if index == 0 else H, 4 * H), (H, 4 * H), (4 * H,)]
    expected += [(H, V), (V,)]
    if checkpoint.model.head_size:
        expected += [(H,), (1,)]
    found = [array.shape for array in checkpoint.params]
    if found != expected:
        raise CheckpointError(f"shapes {found} do not make a model of {expected}")


def _from_book(arrays: list[Array]) -> Checkpoint:
    """The two models of the book, told apart by the number of their arrays."""
    if len(arrays) not in (6, 9) or arrays[0].ndim != 2 or arrays[2].ndim != 2:
        raise CheckpointError(
            f"found {len(arrays)} arrays and no header, but the book's models have 6 or 9: "
            "this is not a language model that rnnlm knows"
        )
    better = len(arrays) == 9
    checkpoint = Checkpoint(
        vocab_size=arrays[0].shape[0],
        model=ModelConfig(
            wordvec_size=arrays[0].shape[1],
            hidden_size=arrays[2].shape[0],
            layers=2 if better else 1,
            tied=better,
            dropout=0.5 if better else 0.0,
        ),
        params=[array.astype(np.float32) for array in arrays],
    )
    _check_shapes(checkpoint)
    return checkpoint
