"""A corpus: a text with its vocabulary, as ids, in three splits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from rnnlm_cli.arrays import Doubles, Ids
from rnnlm_cli.corpus.chosen_unit import chosen_tokenizer
from rnnlm_cli.corpus.counting import Counts
from rnnlm_cli.corpus.cutting.judging import Judgement
from rnnlm_cli.corpus.cutting.units import Tokenizer
from rnnlm_cli.corpus.encoded_cache import Encoded, cache_key, load_encoded, store_encoded
from rnnlm_cli.corpus.encoded_text import EncodedText, TextSizes, encoded_text
from rnnlm_cli.corpus.kept import BLOCK, SMALL, chunks, kept_ids
from rnnlm_cli.corpus.reading.places import Place
from rnnlm_cli.corpus.records import PARAGRAPHS_NOTE
from rnnlm_cli.corpus.source import Part, Source, check_text, read_source
from rnnlm_cli.corpus.vocabulary import UNK, Cut, Vocabulary
from rnnlm_cli.settings.text import SPLITS, CorpusConfig, Split

Block = tuple[int, list[str]]  # the line, from 1, that a block of a text begins with; its tokens
_HELD = 3 * BLOCK  # bytes of text whose tokens are held


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
    cut: Cut | None = None
    judged: Judgement | None = None
    seems_records: bool = False

    def text(self, split: Split) -> EncodedText:
        """`split` as ids, and what they do not tell; raises VocabularyError as `ids` does."""
        return self.splits[split]

    def ids(self, split: Split) -> Ids:
        """The ids of `split`, in the order of the text: read-only int32 of shape (tokens,).

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
    progress: bool = False,
) -> Corpus:
    """The corpus of that name (see `named`), or of that file or folder, or of several of them.

    One text is split (see `split_text`); a folder has a file for each split (see
    `files_of_folder`), or files that are one text together. What is missing of a named corpus is
    downloaded; `progress` shows a bar for that on stderr, as for encoding what is not small.

    For `tokenizer` and `vocabulary` see `corpus_of`. Raises CorpusError if there is no such text,
    or if it cannot be read or is too short to split; AnotherText, before a word is looked at, if it
    has not the hash `sha256`; VocabularyError if a word has no id and the vocabulary no `<unk>`.
    """
    place = Place.of(where) if isinstance(where, str) else where
    source = read_source(place, config.record, progress=progress)
    if sha256 is not None:
        check_text(place, source.sha256, sha256)
    return corpus_of(source, config, tokenizer=tokenizer, vocabulary=vocabulary, progress=progress)


def corpus_of(
    source: Source,
    config: CorpusConfig,
    *,
    tokenizer: Tokenizer | None = None,
    vocabulary: Vocabulary | None = None,
    progress: bool = False,
) -> Corpus:
    """`source` as ids, cut by `tokenizer`, else as `config` says and as suits the text.

    The vocabulary is made of the training split, or it is `vocabulary`: then a split gets its ids
    when they are first asked for, and only then is a word in it missed. `progress` shows a bar on
    stderr while a text is encoded that is not small.
    """
    judged = None if tokenizer or config.unit else source.judged
    if tokenizer is None:
        tokenizer = chosen_tokenizer(source, config, progress=progress)
    seems_records = vocabulary is None and config.record is None and source.seems_records
    splits: Mapping[Split, EncodedText]
    if vocabulary is not None:
        splits, cut = _EncodedOnUse(source, tokenizer, vocabulary), None
    else:
        min_count, max_vocab = _bounds(source, tokenizer, config)
        key = cache_key(source.sha256, tokenizer, min_count, max_vocab)
        encoded = load_encoded(key)
        if encoded is None:
            encoded = _count_and_encode(source, tokenizer, min_count, max_vocab, progress)
            store_encoded(key, encoded)
        vocabulary, cut = Vocabulary(encoded.words), encoded.cut
        splits = {
            split: encoded_text(ids, source.parts[split].text, tokenizer, vocabulary)
            for split, ids in encoded.ids.items()
        }
    place = source.place.absolute()
    name = str(place.without_folders())
    return Corpus(
        name,
        place,
        config,
        tokenizer,
        vocabulary,
        source.sha256,
        splits,
        cut,
        judged,
        seems_records,
    )


def _bounds(source: Source, tokenizer: Tokenizer, config: CorpusConfig) -> tuple[int, int]:
    """How often a word must be there to be kept, and how many are: of pieces all, and `<unk>`."""
    if tokenizer.known:
        return 1, len(tokenizer.known) + 1
    return config.min_count or _least_count(source, tokenizer), config.max_vocab


def _least_count(source: Source, tokenizer: Tokenizer) -> int:
    """How often a word must be there: once where white space and `<unk>` say what words are."""
    if tokenizer.unit != "whitespace":
        return 2
    marked = tokenizer.rule == 1 or any(UNK in block for block in source.parts["train"].text)
    return 1 if marked else 2


class _EncodedOnUse(Mapping[Split, EncodedText]):
    """Each split in words that were there before, made when they are first needed."""

    def __init__(self, source: Source, tokenizer: Tokenizer, vocabulary: Vocabulary) -> None:
        self._left, self._texts = dict(source.parts), dict[Split, EncodedText]()
        self._tokenizer, self._vocabulary = tokenizer, vocabulary

    def __getitem__(self, split: Split) -> EncodedText:
        if split not in self._texts:
            part, cut_by = self._left[split], self._tokenizer
            advice = "take a text that has no other words than the training text"
            ids = _ids(_CutPart(part, cut_by), part.where, cut_by, self._vocabulary, advice)
            self._texts[split] = encoded_text(ids, part.text, cut_by, self._vocabulary)
            del self._left[split]  # the text is needed no more
        return self._texts[split]

    def __iter__(self) -> Iterator[Split]:
        return iter(SPLITS)

    def __len__(self) -> int:
        return len(SPLITS)


def _count_and_encode(
    source: Source, tokenizer: Tokenizer, min_count: int, max_vocab: int, progress: bool
) -> Encoded:
    from tqdm.auto import tqdm  # here, because it takes long to import

    size, counts = sum(part.text.size for part in source.parts.values()), Counts()
    hidden = not progress or size <= SMALL
    with tqdm(total=2 * size, unit="B", unit_scale=True, disable=hidden, leave=False) as bar:
        cut = {split: _CutPart(source.parts[split], tokenizer, bar.update) for split in SPLITS}
        read: Mapping[Split, Iterable[Block]] = cut
        if size <= _HELD:  # then to hold the tokens is cheaper than to cut the text again
            read = {split: list(blocks) for split, blocks in cut.items()}
        counts.add(tokenizer.known)
        for split, blocks in read.items():
            for _, tokens in blocks:
                counts.add(tokens, training=split == "train")
        vocabulary, lost, rarest = counts.choose(min_count, max_vocab, tokenizer.spacing_of)
        del counts
        advice = ""
        if vocabulary.unk_id is None:
            advice = f"use --min-count {rarest + 1}, which makes {UNK} of the rarest words"
        ids = {
            split: _ids(read[split], source.parts[split].where, tokenizer, vocabulary, advice)
            for split in SPLITS
        }
    return Encoded(vocabulary.words, lost, ids)


class _CutPart:
    """The tokens of a part, block by block, cut anew as often as they are asked for."""

    def __init__(
        self, part: Part, tokenizer: Tokenizer, told: Callable[[int], object] | None = None
    ) -> None:
        self._part, self._tokenizer, self._told = part, tokenizer, told

    def __iter__(self) -> Iterator[Block]:
        line, taken = 1, list[str]()

        def blocks() -> Iterator[str]:
            for block in self._part.text:
                taken.append(block)
                yield block

        for tokens in self._tokenizer.tokenize_blocks(blocks()):
            yield line, tokens
            for block in taken:
                line += block.count("\n")
                if self._told is not None:
                    self._told(len(block))
            taken.clear()


def _ids(
    blocks: Iterable[Block], where: str, tokenizer: Tokenizer, vocabulary: Vocabulary, advice: str
) -> Ids:
    """The tokens of `blocks` as read-only ids. Raises VocabularyError, with the `advice`."""
    return kept_ids(
        vocabulary.encode(tokenizer.told(tokens, vocabulary), where, advice, line)
        for line, tokens in blocks
    )
