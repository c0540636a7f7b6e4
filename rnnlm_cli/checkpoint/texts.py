"""The texts of a trained model: the one that it was trained on, and those that it is to score."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from rnnlm_cli.arrays import Ids
from rnnlm_cli.checkpoint.contents import Checkpoint
from rnnlm_cli.checkpoint.given_words import check_words, with_given_words, words_note
from rnnlm_cli.checkpoint.own_text import Advice, own_corpus
from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.corpus.given_text import GivenText
from rnnlm_cli.corpus.loading import Corpus, corpus_of
from rnnlm_cli.corpus.reading.overwriting import FilesRead
from rnnlm_cli.corpus.reading.places import Place
from rnnlm_cli.corpus.source import Shelf, check_text
from rnnlm_cli.corpus.text_record import TextRecord, encode_given, encode_kept
from rnnlm_cli.errors import CheckpointError, ConfigError, CorpusError, of_another_text, quoted
from rnnlm_cli.settings.text import CorpusConfig, Split

TO_SCORE = Advice("name it as the corpus", "name it as the corpus to score it all the same")


@dataclass(frozen=True, slots=True)
class ScoredText:
    """A text in the words of a model."""

    name: str
    split: Split | None  # None: the whole of it
    text: EncodedText
    sha256: str | None = None  # of the corpus; None: the text was given

    @property
    def ids(self) -> Ids:
        """Its ids (tokens,)."""
        return self.text.ids


@dataclass(eq=False)
class ModelTexts:
    """Where a model finds its words and its text, each when it is first needed.

    `named` is a corpus to score, by name or path, from which a model without words takes them.
    A file without words takes those of the file `vocab`, should there be one: see
    `with_given_words`. No text is read twice, and no split of it cut into tokens twice. The `files`
    that are read are known, and none is read that is to be written: ConfigError.
    """

    checkpoint: Checkpoint
    path: Path | None  # None: it is in no file
    named: Place | None = None
    shelf: Shelf = field(default_factory=Shelf, repr=False)
    own: Corpus | None = field(default=None, repr=False)  # the text of it, once that is found
    vocab: Path | None = None
    threads: int | None = None  # that cut large texts into tokens, and compute; None: all cores
    files: FilesRead = field(default_factory=FilesRead, repr=False)
    _noted: tuple[str, ...] = field(default=(), init=False, repr=False)
    _corpora: dict[Place, Corpus] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        self.files.add(self.path, self.vocab)
        for place in (self.named, self.own and self.own.place):
            self.files.add(*(place.files if place else []))
        if self.vocab is not None:
            assert self.path is not None, "words are given to a file"
            given = with_given_words(self.checkpoint, self.path, self.vocab)
            self.checkpoint, self._noted = given

    @cached_property
    def words(self) -> TextRecord:
        """What it knows of its words; a file of the book takes them from the corpus that is named.

        Raises CheckpointError if it has none and no fitting corpus is named.
        """
        if self.checkpoint.text is not None:
            return self.checkpoint.text
        if self.named is None:
            raise CheckpointError(
                f"{quoted(self.path)} holds no words: name a file of them (vocab), or the corpus "
                "it was trained on (such as ptb)"
            )
        found = self._corpus_at(self.named)
        check_words(found, self.checkpoint.vocab_size, self.path)
        return TextRecord.of(found)

    @property
    def notes(self) -> list[str]:
        """What is to be known of its words, as far as they could be checked."""
        if (text := self.checkpoint.text) is not None:
            return [*text.notes, *self._noted]
        if self.named is None:
            return []
        words = self.words
        return [words_note(self.path, self.named, words.tokenizer, len(words.words))]

    def trained_on(self, advice: Advice = TO_SCORE) -> Corpus:
        """The text it was trained on. Raises CorpusError if that is not here, or has changed."""
        if not self.words.sha256 and self.named:
            return self._corpus_at(self.named)
        if self.own is None:
            assert self.path is not None, "what is in no file comes with its text"
            first = [self.named] if self.named else []  # which has been read
            self.own = own_corpus(
                self.words,
                self.path,
                self._load_own,
                advice,
                first=first,
                resume=self.checkpoint.resume,
            )
        return self.own

    def at_hand(self) -> Corpus | None:
        """The text it was trained on, if that is here and it knows all the words of it.

        Raises CheckpointError if it knows none at all.
        """
        with suppress(CorpusError):
            corpus = self.trained_on()
            _ = corpus.tokens  # of all splits
            return corpus
        return None

    def _load_own(self, place: Place) -> Corpus:
        corpus = self._corpus_at(place)
        check_text(place, corpus.sha256, self.words.sha256)
        return corpus

    def _corpus_at(self, place: Place) -> Corpus:
        """The text that lies there, in the words of the model if it has any."""
        key, text = place.absolute(), self.checkpoint.text
        if key not in self._corpora:
            self.files.add(*place.files)
            source = self.shelf.source(place, text.config.record if text else None)
            self._corpora[key] = (
                corpus_of(source, CorpusConfig(), threads=self.threads)
                if text is None
                else corpus_of(
                    source,
                    text.config,
                    tokenizer=text.tokenizer,
                    vocabulary=text.vocabulary,
                    threads=self.threads,
                )
            )
        return self._corpora[key]

    def forget(self) -> None:
        """Give back the memory of the texts, which are read again should they be needed again.

        What is in no file keeps its own, which came with it.
        """
        self._corpora.clear()
        if self.path is not None:
            self.own = None

    def _given(self, given: GivenText) -> EncodedText:
        words = self.words
        if (kept := given.kept(words.config.record)) is not None:
            return encode_kept(words, kept, given.where, self.threads)
        return encode_given(words, given.as_records(words.config.record), given.where)

    def to_score(self, given: GivenText | None = None, split: Split | None = None) -> ScoredText:
        """The `given` text, else a split (the test split) of the corpus that is named.

        Without either it is a split of its own corpus, which must still be the same text. Raises
        RnnlmError.
        """
        words = self.words
        check_split(given, split)
        if given is not None:
            self.files.add(given.file)
            with nullcontext() if given.file is None else of_another_text(given.file, self.path):
                text = self._given(given)
            return ScoredText(given.name, None, text)
        part = split or "test"
        if self.named is None:
            return ScoredText(words.corpus, part, self.trained_on().text(part), words.sha256)
        named = self._corpus_at(self.named)
        with of_another_text(self.named, self.path):
            return ScoredText(str(self.named), part, named.text(part), named.sha256)


def check_split(given: GivenText | None, split: Split | None) -> None:
    """Raises ConfigError for a split beside a text that has none."""
    if given is not None and split is not None:
        raise ConfigError("a split is given beside a text or a file, which has none: leave it out")
