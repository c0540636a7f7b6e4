"""What a model knows of its text, and other texts as its ids."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

from rnnlm_cli.corpus.cut_text import Cutter, Encoder
from rnnlm_cli.corpus.cutting.pieces import Merge
from rnnlm_cli.corpus.cutting.rules import composed
from rnnlm_cli.corpus.cutting.scripts import is_unspaced, is_young, tables
from rnnlm_cli.corpus.cutting.spacing import BLANK
from rnnlm_cli.corpus.cutting.units import Tokenizer
from rnnlm_cli.corpus.encoded_text import EncodedText, TextSizes, count_characters
from rnnlm_cli.corpus.kept_text import KeptText
from rnnlm_cli.corpus.loading import Corpus
from rnnlm_cli.corpus.reading.decoding import ended, is_blank, normalize
from rnnlm_cli.corpus.reading.places import Place
from rnnlm_cli.corpus.records import as_records
from rnnlm_cli.corpus.vocabulary import UNK, Lost, Vocabulary
from rnnlm_cli.errors import ConfigError, CorpusError
from rnnlm_cli.settings.text import SPLITS, CorpusConfig, Split


@dataclass(frozen=True, kw_only=True)
class TextRecord:
    """The text a model was trained on, and how it was cut into tokens.

    Raises ConfigError if no tokenizer here cuts so.
    """

    corpus: str  # its name: see `Corpus`; in files of earlier versions a path, as given
    sha256: str  # of the text; this and its name are "" where only its words are known
    config: CorpusConfig  # with the unit that was used
    words: tuple[str, ...]  # the vocabulary, by id
    rule: int = 1  # of the unit: see Tokenizer; files of earlier versions know no other
    merges: tuple[Merge, ...] = ()  # of the unit bpe: see Pieces
    files: tuple[str, ...] = ()  # the names that it was read from, where they are several
    encoding: str | None = None  # of its files; None: UTF-8
    splits: dict[Split, TextSizes] = field(default_factory=dict)  # empty in earlier versions
    cut: Lost | None = None  # nor known there, and where the words were those of another model
    unicode: str = ""  # the tables that the rule went by, where a file says it

    def __post_init__(self) -> None:
        _ = self.place  # made at once: what is none is refused with its file
        pieces = set(self.tokenizer.known)
        if pieces and pieces != set(self.words) - {UNK}:
            raise ConfigError("the words are not the pieces that the merges make")

    @classmethod
    def of(cls, corpus: Corpus) -> TextRecord:
        """The record of a corpus."""
        tokenizer, place = corpus.tokenizer, corpus.place.without_folders()
        return cls(
            corpus=corpus.name,
            sha256=corpus.sha256,
            config=replace(corpus.config, unit=tokenizer.unit, lower=tokenizer.lower),
            words=corpus.vocabulary.words,
            rule=tokenizer.rule,
            merges=tokenizer.merges,
            splits=corpus.sizes,
            cut=corpus.cut,
            files=place.names if len(place.names) > 1 else (),
            encoding=place.encoding,
            unicode=tables(),
        )

    def in_order(self) -> TextRecord:
        """The same with its splits in their order, which JSON with sorted keys does not keep."""
        splits = {split: self.splits[split] for split in SPLITS if split in self.splits}
        return replace(self, splits=splits)

    @property
    def place(self) -> Place:
        """Where it may lie: beside the model, in this folder, or by name."""
        return Place(self.files or (self.corpus,), self.encoding)

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """What cuts a text as that one was cut."""
        if self.config.unit is None:
            raise ConfigError(
                "a setting is null that a model cannot be trained without: the unit of its text"
            )
        return Tokenizer(self.config.unit, self.config.lower, self.rule, self.merges)

    @property
    def notes(self) -> list[str]:
        """One if its words may be cut otherwise here, by other tables of Unicode."""
        here, characters = tables(), set().union(*self.words)
        if self.unicode in ("", here) or not any(map(is_young, characters)):
            return []
        return [
            f"its text was cut by Unicode {self.unicode}, and here it would be by {here}: "
            "words in young scripts may come out otherwise"
        ]

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words as a Vocabulary."""
        return Vocabulary(self.words)

    @property
    def encoder(self) -> Encoder:
        """What gives a text its ids."""
        return Encoder(self.tokenizer, self.vocabulary)

    def set_off(self, text: str, before: str = "word") -> str:
        """`text` as it stands behind `before`: a piece begins with the blank between two words."""
        ends = before[-1:] + text[:1]
        needs_blank = (
            self.tokenizer.is_of_pieces
            and text[:1].isalnum()
            and (before[-1:].isalnum() or before.endswith(tuple(",.;:!?")))
            and not any(map(is_unspaced, ends))
        )
        return BLANK + text if needs_blank else text

    def as_read(self, text: str, *, open_end: bool = False) -> str:
        """`text` as the model reads it: normalised, its records set apart, its last line ended.

        With an `open_end` neither its last line nor its last record ends there.
        """
        text = normalize(text)
        return as_records(text if open_end else ended(text), self.config.record, open_end=open_end)

    def tokens(self, text: str) -> list[str]:
        """The tokens of a normalised `text` that is none of a corpus; its end ends no line."""
        knows_unk = self.vocabulary.unk_id is not None
        tokens = (
            self.tokenizer.tokenize_given(text)
            if knows_unk
            else self.tokenizer.tokenize(text, open_end=True)
        )
        return self.tokenizer.told(tokens, self.vocabulary)


def encode_given(words: TextRecord, text: str, where: str) -> EncodedText:
    """`text` in the words of the model, its last line ended.

    Raises CorpusError as `check_words` does, VocabularyError as `Vocabulary.encode` does; both name
    `where` the text is from.
    """
    check_words(text, where)
    read = words.as_read(text)
    ids = words.vocabulary.encode(words.tokens(read), where)
    return words.encoder.text(ids, len(composed(read)))


def check_words(text: str, where: str) -> None:
    """Raises CorpusError, which names `where` it is from, if `text` is nothing but white space."""
    if is_blank(normalize(text)):
        raise CorpusError(f"{where}: no words, but a text with at least one was needed")


def encode_kept(
    words: TextRecord, text: KeptText, where: str, threads: int | None = None
) -> EncodedText:
    """The same of a `text` that is too large for memory, of which each line is ended.

    It is cut on so many cores. Raises VocabularyError as `Vocabulary.encode` does.
    """
    if words.tokenizer.cuts_marks and words.vocabulary.unk_id is not None:
        return encode_given(words, str(text), where)
    with Cutter(words.tokenizer, threads).cutting(text.size) as cut:
        ids = words.encoder.ids(cut(text), where)
    return words.encoder.text(ids, count_characters(text))
