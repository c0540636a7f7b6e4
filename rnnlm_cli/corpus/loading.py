"""A corpus: a text with its vocabulary, as ids, in three splits."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from rnnlm_cli.arrays import Ids
from rnnlm_cli.corpus.encoded import SPLITS, Encoded, cache_key, load_encoded, store_encoded
from rnnlm_cli.corpus.named import CORPORA, EMBEDDED, fetch, find_named
from rnnlm_cli.corpus.pydoc_prose import pydoc_text
from rnnlm_cli.corpus.reading import normalize, read_text, shown
from rnnlm_cli.corpus.splitting import split_text
from rnnlm_cli.corpus.units import choose_unit, tokenize
from rnnlm_cli.corpus.vocabulary import EOS, UNK, Vocabulary
from rnnlm_cli.errors import AnotherText, CorpusError, quoted
from rnnlm_cli.settings.text import CorpusConfig, Split, Unit


@dataclass(frozen=True, slots=True, eq=False)
class Corpus:
    """A text as ids. `name` is a registered one, or that of the file or folder (see `label`).

    `sha256` is that of the normalised texts of the three splits: it depends on no setting.
    `path` is where a text lies that has no registered name.
    """

    name: str
    path: Path | None
    unit: Unit
    lower: bool
    vocabulary: Vocabulary
    sha256: str
    splits: Mapping[Split, Ids] = field(repr=False)

    def ids(self, split: Split) -> Ids:
        """The ids of `split`, in the order of the text: read-only int32 of shape (tokens,)."""
        return self.splits[split]

    def by_frequency(self) -> Corpus:
        """The same text with the most frequent words of its training split first."""
        counts = np.bincount(self.ids("train"), minlength=len(self.vocabulary))
        order = np.argsort(-counts, kind="stable")
        rank = np.argsort(order).astype(np.int32)
        splits = {split: rank[ids] for split, ids in self.splits.items()}
        for ids in splits.values():
            ids.setflags(write=False)
        words = tuple(self.vocabulary.words[i] for i in order)
        return replace(self, vocabulary=Vocabulary(words), splits=splits)


@dataclass(frozen=True, slots=True)
class _Part:
    """The text of one split, every line ended, and where it stands: for messages."""

    text: str
    where: str


_Parts = dict[Split, _Part]


def load_corpus(
    name_or_path: str,
    config: CorpusConfig,
    *,
    vocabulary: Vocabulary | None = None,
    only: Split | None = None,
    sha256: str | None = None,
    progress: bool = False,
) -> Corpus:
    """The corpus of that name (see `named`), or of that file or folder.

    One file is split (see `split_text`); a folder has a file for each split: `train.txt`,
    `valid.txt`, `test.txt`, or all three with the same prefix: `ptb.train.txt`. A registered name
    goes before a path of the same spelling: `./ptb` is the path. What is missing of a named
    corpus is downloaded; `progress` shows a bar for that on stderr.

    The unit is `config.unit`, else it is chosen from the text of all splits (see `choose_unit`).
    The vocabulary is made of the training split, or it is `vocabulary`: then the text is only
    encoded, and with `only`, only that split of it. Raises CorpusError if there is no such text,
    or if it cannot be read or is too short to split; AnotherText, before a word is looked at, if it
    has not the hash `sha256`; VocabularyError if a word has no id and the vocabulary no `<unk>`.
    """
    parts = _read_parts(name_or_path, progress)
    found = _sha256(parts)
    if sha256 not in (None, found):
        raise AnotherText(
            f"{shown(name_or_path)} is another text: its SHA-256 is {found[:12]}…, not "
            f"{str(sha256)[:12]}…"
        )
    unit = config.unit or choose_unit("".join(part.text for part in parts.values()))
    if vocabulary is not None:
        advice = "take a text that has no other words than the training text"
        wanted = [only] if only else list(parts)
        splits = {s: _encode(parts[s], vocabulary, unit, config, advice) for s in wanted}
    else:
        min_count = config.min_count or (1 if unit == "whitespace" else 2)
        key = cache_key(found, unit, config.lower, min_count, config.max_vocab)
        encoded = load_encoded(key)
        if encoded is None:
            encoded = _count_and_encode(parts, unit, config, min_count)
            store_encoded(key, encoded)
        vocabulary, splits = Vocabulary(encoded.words), encoded.ids
    for ids in splits.values():
        ids.setflags(write=False)
    path = None if is_registered(name_or_path) else Path(os.path.abspath(name_or_path))
    return Corpus(label(name_or_path), path, unit, config.lower, vocabulary, found, splits)


def is_registered(name_or_path: str) -> bool:
    """Whether that is a corpus by name; a path of the same spelling is `./ptb`."""
    return name_or_path in CORPORA


def label(name_or_path: str) -> str:
    """What a text is called: its registered name, else that of its file or folder alone.

    A model that is passed on tells nobody's folders, and equal texts in two places have one name.
    """
    if is_registered(name_or_path):
        return name_or_path
    name = os.path.basename(os.path.abspath(name_or_path)) or name_or_path
    return f"./{name}" if is_registered(name) else name


def encode_text(text: str, vocabulary: Vocabulary, unit: Unit, lower: bool, where: str) -> Ids:
    """The ids of `text`, its last line ended: int32 of shape (tokens,).

    Raises CorpusError if there is nothing but white space, VocabularyError as `Vocabulary.encode`
    does; both name `where` the text is from.
    """
    text = normalize(text)
    if not text or text.isspace():
        raise CorpusError(f"{where}: no words, but a text with at least one was needed")
    return vocabulary.encode(tokenize(text, unit, lower), where)


def _count_and_encode(parts: _Parts, unit: Unit, config: CorpusConfig, min_count: int) -> Encoded:
    train = tokenize(parts["train"].text, unit, config.lower, open_end=True)
    vocabulary = Vocabulary.from_tokens(train, min_count=min_count, max_vocab=config.max_vocab)
    advice = ""
    if vocabulary.unk_id is None:
        counts = [count for word, count in Counter(train).items() if word != EOS]
        advice = f"use --min-count {min(counts) + 1}, which makes {UNK} of the rarest words"
    ids: dict[Split, Ids] = {"train": vocabulary.encode(train)}
    for split in ("valid", "test"):
        ids[split] = _encode(parts[split], vocabulary, unit, config, advice)
    return Encoded(vocabulary.words, ids)


def _encode(
    part: _Part, vocabulary: Vocabulary, unit: Unit, config: CorpusConfig, advice: str
) -> Ids:
    tokens = tokenize(part.text, unit, config.lower, open_end=True)
    return vocabulary.encode(tokens, part.where, advice)


def _sha256(parts: _Parts) -> str:
    digest = hashlib.sha256()
    for split in SPLITS:
        data = parts[split].text.encode()
        digest.update(f"{split} {len(data)}\n".encode() + data)
    return digest.hexdigest()


def _read_parts(name_or_path: str, progress: bool) -> _Parts:
    """The text of each split, wherever it comes from."""
    if name_or_path == EMBEDDED:
        return _split_one(pydoc_text(), f"corpus {EMBEDDED}")
    if name_or_path in CORPORA:
        files = find_named(name_or_path) or fetch(name_or_path, progress)
    elif name_or_path == "-":
        raise CorpusError(
            "a corpus is read again to resume and to score, which standard input cannot be: "
            "save the text to a file first"
        )
    elif os.path.isdir(name_or_path):
        files = _files_of_folder(Path(name_or_path))
    elif _is_there(name_or_path):
        files = {"train": Path(name_or_path)}
    else:
        raise CorpusError(
            f"{shown(name_or_path)} is no file or folder, and no named corpus "
            f"({', '.join(sorted(CORPORA))}): check the spelling"
        )
    if len(files) == 1:
        return _split_one(read_text(files["train"]), shown(files["train"]))
    return {split: _Part(_ended(read_text(path)), shown(path)) for split, path in files.items()}


def corpus_is_there(name_or_path: str) -> bool:
    """Whether that is a corpus by name, or a path at which there is something."""
    return name_or_path in (EMBEDDED, *CORPORA) or _is_there(name_or_path)


def corpus_files(name_or_path: str) -> list[Path]:
    """The files that the corpus is read from, as far as they are there. Raises CorpusError."""
    if name_or_path in CORPORA:
        return list((find_named(name_or_path) or {}).values())
    if os.path.isdir(name_or_path):
        return list(_files_of_folder(Path(name_or_path)).values())
    return [Path(name_or_path)] if _is_there(name_or_path) else []


def _is_there(path: str) -> bool:
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError:  # there, but not to be looked at: reading it will say why
        return True
    return True


def _files_of_folder(folder: Path) -> dict[Split, Path]:
    """`train.txt`, `valid.txt` and `test.txt` in `folder`, or the same with one prefix."""
    where = shown(folder)
    trains = sorted({*folder.glob("train.txt"), *folder.glob("*.train.txt")})
    if not trains:
        raise CorpusError(
            f"the folder {where} has no train.txt: put train.txt, valid.txt and test.txt there, "
            "or name one text file to have it split"
        )
    if len(trains) > 1:
        names = " and ".join(quoted(path.name) for path in trains[:2])
        raise CorpusError(f"the folder {where} has both {names}: leave one set of files in it")
    prefix = trains[0].name.removesuffix("train.txt")
    files = {split: folder / f"{prefix}{split}.txt" for split in SPLITS}
    missing = " and ".join(quoted(path.name) for path in files.values() if not os.path.exists(path))
    if missing:
        raise CorpusError(
            f"the folder {where} has {quoted(trains[0].name)} but not {missing}: "
            f"put it there, or name the file {shown(trains[0])} to have it split"
        )
    return files


def _split_one(text: str, where: str) -> _Parts:
    """The parts of one text; split by the unit that suits it, so that no setting matters."""
    text = _ended(text)
    pieces = split_text(text, choose_unit(text))
    if any(not piece or piece.isspace() for piece in pieces.values()):
        lines = text.count("\n")
        raise CorpusError(
            f"{where}: too short to be split for training, validation and test (lines: {lines}, "
            f"words: {len(text.split())}): use a text of at least 20 lines, or a folder with "
            "train.txt, valid.txt and test.txt"
        )
    return {split: _Part(piece, f"{where}, {split} split") for split, piece in pieces.items()}


def _ended(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"
