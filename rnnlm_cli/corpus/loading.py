"""A corpus: a text with its vocabulary, as ids, in three splits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from rnnlm_cli.arrays import Ids
from rnnlm_cli.corpus.encoded import Encoded, cache_key, load_encoded, store_encoded
from rnnlm_cli.corpus.judging import Judgement
from rnnlm_cli.corpus.places import label, path_of
from rnnlm_cli.corpus.source import Part, Source, check_text, read_source
from rnnlm_cli.corpus.splitting import SPLITS
from rnnlm_cli.corpus.units import Tokenizer
from rnnlm_cli.corpus.vocabulary import EOS, UNK, Vocabulary
from rnnlm_cli.settings.text import CorpusConfig, Split


@dataclass(frozen=True, slots=True, eq=False)
class Corpus:
    """A text as ids. `name` is a registered one, or that of the file or folder (see `label`).

    `sha256` is that of the normalised texts of the three splits: it depends on no setting.
    `path` is where a text lies that has no registered name. `judged` is there if the unit was left
    to the text.
    """

    name: str
    path: Path | None
    tokenizer: Tokenizer
    vocabulary: Vocabulary
    sha256: str
    splits: Mapping[Split, Ids] = field(repr=False)
    judged: Judgement | None = None

    def ids(self, split: Split) -> Ids:
        """The ids of `split`, in the order of the text: read-only int32 of shape (tokens,).

        Raises VocabularyError where the text has a word that has none.
        """
        return self.splits[split]

    @property
    def tokens(self) -> int:
        """How many there are in all splits, each of which must have its ids: see `ids`."""
        return sum(map(len, self.splits.values()))

    def by_frequency(self) -> Corpus:
        """The same text with the most frequent words of its training split first."""
        counts = np.bincount(self.ids("train"), minlength=len(self.vocabulary))
        order = np.argsort(-counts, kind="stable")
        rank = np.argsort(order).astype(np.int32)
        splits = _read_only({split: rank[ids] for split, ids in self.splits.items()})
        words = tuple(self.vocabulary.words[i] for i in order)
        return replace(self, vocabulary=Vocabulary(words), splits=splits)


def load_corpus(
    name_or_path: str,
    config: CorpusConfig,
    *,
    tokenizer: Tokenizer | None = None,
    vocabulary: Vocabulary | None = None,
    sha256: str | None = None,
    progress: bool = False,
) -> Corpus:
    """The corpus of that name (see `named`), or of that file or folder.

    One file is split (see `split_text`); a folder has a file for each split: `train.txt`,
    `valid.txt`, `test.txt`, or all three with the same prefix: `ptb.train.txt`. A registered name
    goes before a path of the same spelling: `./ptb` is the path. What is missing of a named
    corpus is downloaded; `progress` shows a bar for that on stderr.

    For `tokenizer` and `vocabulary` see `corpus_of`. Raises CorpusError if there is no such text,
    or if it cannot be read or is too short to split; AnotherText, before a word is looked at, if it
    has not the hash `sha256`; VocabularyError if a word has no id and the vocabulary no `<unk>`.
    """
    source = read_source(name_or_path, progress=progress)
    if sha256 is not None:
        check_text(name_or_path, source.sha256, sha256)
    return corpus_of(source, config, tokenizer=tokenizer, vocabulary=vocabulary)


def corpus_of(
    source: Source,
    config: CorpusConfig,
    *,
    tokenizer: Tokenizer | None = None,
    vocabulary: Vocabulary | None = None,
) -> Corpus:
    """`source` as ids, cut by `tokenizer`, else as `config` says and as suits the text.

    The vocabulary is made of the training split, or it is `vocabulary`: then a split gets its ids
    when they are first asked for, and only then is a word in it missed.
    """
    judged = None if tokenizer or config.unit else source.judged
    if tokenizer is None:
        tokenizer = Tokenizer(config.unit or source.judged.unit, config.lower)
    splits: Mapping[Split, Ids]
    if vocabulary is not None:
        splits = _EncodedOnUse(source, tokenizer, vocabulary)
    else:
        min_count = config.min_count or _least_count(source, tokenizer)
        key = cache_key(source.sha256, tokenizer, min_count, config.max_vocab)
        encoded = load_encoded(key)
        if encoded is None:
            encoded = _count_and_encode(source, tokenizer, min_count, config.max_vocab)
            store_encoded(key, encoded)
        vocabulary, splits = Vocabulary(encoded.words), _read_only(encoded.ids)
    name, path = label(source.place), path_of(source.place)
    return Corpus(name, path, tokenizer, vocabulary, source.sha256, splits, judged)


def _least_count(source: Source, tokenizer: Tokenizer) -> int:
    """How often a word must be there: once where white space and `<unk>` say what words are."""
    marked = tokenizer.rule == 1 or UNK in source.parts["train"].text
    return 1 if tokenizer.unit == "whitespace" and marked else 2


class _EncodedOnUse(Mapping[Split, Ids]):
    """The ids of each split in words that were there before, made when they are first needed."""

    def __init__(self, source: Source, tokenizer: Tokenizer, vocabulary: Vocabulary) -> None:
        self._left, self._ids = dict(source.parts), dict[Split, Ids]()
        self._tokenizer, self._vocabulary = tokenizer, vocabulary

    def __getitem__(self, split: Split) -> Ids:
        if split not in self._ids:
            advice = "take a text that has no other words than the training text"
            ids = _encode(self._left[split], self._tokenizer, self._vocabulary, advice)
            self._ids |= _read_only({split: ids})
            del self._left[split]  # the text is needed no more
        return self._ids[split]

    def __iter__(self) -> Iterator[Split]:
        return iter(SPLITS)

    def __len__(self) -> int:
        return len(SPLITS)


def _count_and_encode(
    source: Source, tokenizer: Tokenizer, min_count: int, max_vocab: int
) -> Encoded:
    parts = source.parts
    train = tokenizer.tokenize(parts["train"].text, open_end=True)
    vocabulary = Vocabulary.from_tokens(
        train, min_count=min_count, max_vocab=max_vocab, uncut=tokenizer.is_spacing
    )
    advice = ""
    if vocabulary.unk_id is None:
        counts = [count for word, count in Counter(train).items() if word != EOS]
        advice = f"use --min-count {min(counts) + 1}, which makes {UNK} of the rarest words"
    ids: dict[Split, Ids] = {"train": vocabulary.encode(train)}
    for split in ("valid", "test"):
        ids[split] = _encode(parts[split], tokenizer, vocabulary, advice)
    return Encoded(vocabulary.words, ids)


def _encode(part: Part, tokenizer: Tokenizer, vocabulary: Vocabulary, advice: str) -> Ids:
    tokens = tokenizer.told(tokenizer.tokenize(part.text, open_end=True), vocabulary)
    return vocabulary.encode(tokens, part.where, advice)


def _read_only(splits: dict[Split, Ids]) -> dict[Split, Ids]:
    for ids in splits.values():
        ids.setflags(write=False)
    return splits
