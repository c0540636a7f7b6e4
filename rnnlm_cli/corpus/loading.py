"""A corpus: a text with its vocabulary, as ids, in three splits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from rnnlm_cli.arrays import Doubles, Ids
from rnnlm_cli.corpus.chosen_unit import chosen_tokenizer
from rnnlm_cli.corpus.counting import Counts
from rnnlm_cli.corpus.cut_text import Cutter, CutText, Encoder
from rnnlm_cli.corpus.cutting.cut_block import CutBlock
from rnnlm_cli.corpus.cutting.judging import Judgement
from rnnlm_cli.corpus.cutting.units import Tokenizer
from rnnlm_cli.corpus.encoded_cache import Encoded, cache_key, load_encoded, store_encoded
from rnnlm_cli.corpus.encoded_text import EncodedText, TextSizes
from rnnlm_cli.corpus.kept import chunks
from rnnlm_cli.corpus.reading.places import Place
from rnnlm_cli.corpus.records import PARAGRAPHS_NOTE
from rnnlm_cli.corpus.source import Source, check_text, read_source
from rnnlm_cli.corpus.vocabulary import UNK, Lost, Vocabulary
from rnnlm_cli.settings.text import SPLITS, CorpusConfig, Split
from rnnlm_cli.watching import Bars, in_silence


@dataclass(frozen=True, slots=True, eq=False)
class Corpus:
    """A text as ids. `place`, with whole paths, is where it lies; `config` is what was asked for.

    `sha256` is that of the normalised texts of the three splits: beside the text it depends on
    nothing but whether that is made of records. `name` is what the text is called: see
    `Place.without_folders`. `cut` is None where the vocabulary was there before, `judged` where the
    unit was not left to the text. `seems_records` says that it seems to be made of paragraphs,
    where it was not said to be made of records and the vocabulary was not there before.
    """

    name: str
    place: Place
    config: CorpusConfig
    tokenizer: Tokenizer
    vocabulary: Vocabulary
    sha256: str
    splits: Mapping[Split, EncodedText] = field(repr=False)
    cut: Lost | None = None
    judged: Judgement | None = None
    seems_records: bool = False

    def text(self, split: Split) -> EncodedText:
        """`split` as ids, and what they do not tell; raises VocabularyError as `ids` does."""
        return self.splits[split]

    def ids(self, split: Split) -> Ids:
        """The ids of `split` (tokens,), in the order of the text, read-only: see `kept_ids`.

        Raises VocabularyError where the text has a word that has none.
        """
        return self.splits[split].ids

    @property
    def notes(self) -> list[str]:
        """What was judged of the text, and which option says it otherwise."""
        unit = [self.judged.note] if self.judged else []
        return [*unit, PARAGRAPHS_NOTE] if self.seems_records else unit

    @property
    def tokens(self) -> int:
        """How many there are in all splits, each of which must have its ids: see `ids`."""
        return sum(map(len, self.splits.values()))

    @property
    def sizes(self) -> dict[Split, TextSizes]:
        """What each split counts; all of them must have their ids: see `ids`."""
        return {split: self.splits[split].sizes for split in SPLITS}

    @property
    def counts(self) -> Ids:
        """(V,) how often each word stands in the training split."""
        found = np.zeros(len(self.vocabulary), np.int64)
        for ids in chunks(self.ids("train")):
            found += np.bincount(ids, minlength=len(self.vocabulary))
        return found.astype(np.int32)

    @property
    def shares(self) -> Doubles:
        """(V,) the probability of each word, as if it had stood there once more: none is 0."""
        seen = self.counts.astype(np.float64) + 1
        return np.asarray(seen / seen.sum())

    def by_frequency(self) -> Corpus:
        """The same text with the most frequent words of its training split first."""
        order = np.argsort(-self.counts, kind="stable")
        rank = np.argsort(order).astype(np.int32)
        splits = {split: text.renumbered(rank) for split, text in self.splits.items()}
        words = tuple(self.vocabulary.words[i] for i in order)
        return replace(self, vocabulary=Vocabulary(words), splits=splits)


def load_corpus(
    where: Place | str,
    config: CorpusConfig,
    *,
    tokenizer: Tokenizer | None = None,
    vocabulary: Vocabulary | None = None,
    sha256: str | None = None,
    threads: int | None = None,
    stages: Bars = in_silence,
) -> Corpus:
    """The corpus of that name (see `named`), or of that file or folder, or of several of them.

    One text is split (see `split_text`); a folder has a file for each split (see
    `files_of_folder`), or files that are one text together. What is missing of a named corpus is
    downloaded; `stages` are told of that, as of encoding what is not small.

    For what else is given see `corpus_of`. Raises CorpusError if there is no such text, or if it
    cannot be read or is too short to split; AnotherText, before a word is looked at, if it has not
    the hash `sha256`; VocabularyError if a word has no id and the vocabulary no `<unk>`.
    """
    place = Place.of(where) if isinstance(where, str) else where
    source = read_source(place, config.record, stages=stages)
    if sha256 is not None:
        check_text(place, source.sha256, sha256)
    return corpus_of(
        source,
        config,
        tokenizer=tokenizer,
        vocabulary=vocabulary,
        threads=threads,
        stages=stages,
    )


def corpus_of(
    source: Source,
    config: CorpusConfig,
    *,
    tokenizer: Tokenizer | None = None,
    vocabulary: Vocabulary | None = None,
    threads: int | None = None,
    stages: Bars = in_silence,
) -> Corpus:
    """`source` as ids, cut by `tokenizer`, else as `config` says and as suits the text.

    The vocabulary is made of the training split, or it is `vocabulary`: then a split gets its ids
    when they are first asked for, and only then is a word in it missed. A text that is not small
    is cut by as many processes as there are `threads` (None: cores), of which `stages` are told.
    """
    judged = None if tokenizer or config.unit else source.judged
    if tokenizer is None:
        tokenizer = chosen_tokenizer(source, config, stages=stages)
    seems_records = vocabulary is None and config.record is None and source.seems_records
    cutter = Cutter(tokenizer, threads, stages)
    vocabulary, splits, cut = _encoded(source, cutter, config, vocabulary)
    source.note()
    place = source.place.absolute()
    return Corpus(
        name=str(place.without_folders()),
        place=place,
        config=config,
        tokenizer=tokenizer,
        vocabulary=vocabulary,
        sha256=source.sha256,
        splits=splits,
        cut=cut,
        judged=judged,
        seems_records=seems_records,
    )


def _encoded(
    source: Source, cutter: Cutter, config: CorpusConfig, vocabulary: Vocabulary | None
) -> tuple[Vocabulary, Mapping[Split, EncodedText], Lost | None]:
    """The splits in the words of `vocabulary`, else in their own: as they were kept, or made."""
    bounds = _bounds(source, cutter.tokenizer, config)
    key = cache_key(source.sha256, cutter.tokenizer, *bounds)
    kept, cut = load_encoded(key), None
    if vocabulary is None:
        if kept is None:
            kept = _count_and_encode(source, cutter, *bounds)
            store_encoded(key, kept)
        vocabulary, cut = Vocabulary(kept.words), kept.cut
    if kept is not None and set(kept.words) == set(vocabulary.words):
        return vocabulary, _numbered(source, cutter.tokenizer, kept, vocabulary), cut
    advice = "take a text that has no other words than the training text"
    encoder = Encoder(cutter.tokenizer, vocabulary, advice)
    splits = _OnUse({split: partial(_split, source, split, cutter, encoder) for split in SPLITS})
    return vocabulary, splits, None


def _bounds(source: Source, tokenizer: Tokenizer, config: CorpusConfig) -> tuple[int, int]:
    """How often a word must be there to be kept, and how many are: of pieces all, and `<unk>`."""
    if tokenizer.is_of_pieces:
        return 1, len(tokenizer.known) + 1
    return config.min_count or _least_count(source, tokenizer), config.max_vocab


def _least_count(source: Source, tokenizer: Tokenizer) -> int:
    """How often a word must be there: once where white space and `<unk>` say what words are."""
    marked = tokenizer.unit == "whitespace" and (tokenizer.rule == 1 or source.has_unk)
    return 1 if marked else 2


class _OnUse(Mapping[Split, EncodedText]):
    """Each split, made when it is first needed."""

    def __init__(self, makers: dict[Split, Callable[[], EncodedText]]) -> None:
        self._makers, self._texts = makers, dict[Split, EncodedText]()

    def __getitem__(self, split: Split) -> EncodedText:
        if split not in self._texts:
            self._texts[split] = self._makers[split]()
            del self._makers[split]  # what it was made of is needed no more
        return self._texts[split]

    def __iter__(self) -> Iterator[Split]:
        return iter(SPLITS)

    def __len__(self) -> int:
        return len(SPLITS)


def _numbered(
    source: Source, tokenizer: Tokenizer, encoded: Encoded, vocabulary: Vocabulary
) -> Mapping[Split, EncodedText]:
    """What was encoded, with the ids of a vocabulary of the same words."""
    had, characters = Encoder(tokenizer, Vocabulary(encoded.words)), source.characters
    texts = {split: had.text(ids, characters[split]) for split, ids in encoded.ids.items()}
    if encoded.words == vocabulary.words:
        return texts
    rank = np.array([vocabulary.ids[word] for word in encoded.words], np.int32)
    return _OnUse({split: partial(text.renumbered, rank) for split, text in texts.items()})


def _split(source: Source, split: Split, cutter: Cutter, encoder: Encoder) -> EncodedText:
    """A split in words that were there before. Raises VocabularyError."""
    part = source.parts[split]
    with cutter.cutting(part.text.size) as cut:
        ids = encoder.ids(cut(part.text), part.where)
    return encoder.text(ids, source.characters[split])


def _count_and_encode(source: Source, cutter: Cutter, min_count: int, max_vocab: int) -> Encoded:
    counts, texts = _count_and_cut(source, cutter)
    vocabulary, lost, rarest = counts.choose(min_count, max_vocab, cutter.tokenizer.spacing_of)
    del counts
    advice = "train on a text that has words"
    if rarest is not None:
        advice = f"use --min-count {rarest + 1}, which makes {UNK} of the rarest words"
    encoder = Encoder(cutter.tokenizer, vocabulary, advice)
    ids = {split: encoder.ids(texts.pop(split), source.parts[split].where) for split in SPLITS}
    return Encoded(vocabulary.words, lost, ids)


def _count_and_cut(source: Source, cutter: Cutter) -> tuple[Counts, dict[Split, CutText]]:
    counts = Counts()
    counts.add(cutter.tokenizer.known)
    with cutter.cutting(sum(part.text.size for part in source.parts.values())) as cut:

        def counted(split: Split) -> Iterator[tuple[int, CutBlock]]:
            for line, block in cut(source.parts[split].text):
                counts.add(block.counts, training=split == "train")
                yield line, block

        return counts, {split: CutText(counted(split)) for split in SPLITS}
