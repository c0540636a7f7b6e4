"""What a model knows of its text."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from rnnlm_cli.corpus.loading import (
    Corpus,
)
from rnnlm_cli.corpus.reading import normalize
from rnnlm_cli.corpus.units import tokenize
from rnnlm_cli.corpus.vocabulary import EOS, UNK, Vocabulary
from rnnlm_cli.errors import (
    VocabularyError,
    quoted,
)
from rnnlm_cli.settings.text import CorpusConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRecord:
    """The text a model was trained on, and how it was cut into tokens."""

    corpus: str  # its name: see `label`; in files of earlier versions a path, as given
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


def start_ids(record: TextRecord, start: str) -> list[int]:
    """`<eos>`, as if a line had just ended, and the ids of the words of `start`.

    Raises VocabularyError, with the words spelt most like it, for a word that has no id.
    """
    vocabulary, config = record.vocabulary, record.config
    assert config.unit is not None
    tokens: list[str] = []
    for piece in re.split(f"({EOS}|{UNK})", normalize(start)):
        special = piece in (EOS, UNK)
        tokens += [piece] if special else tokenize(piece, config.unit, config.lower, open_end=True)
    return [vocabulary.eos_id, *(word_id(record, token, "--start") for token in tokens)]


def word_id(record: TextRecord, word: str, option: str) -> int:
    """The id of `word`. Raises VocabularyError, which names the `option` and words spelt alike."""
    vocabulary = record.vocabulary
    for spelling in (word, word.lower()) if record.config.lower else (word,):
        if spelling in vocabulary:
            return vocabulary.ids[spelling]
    alike = vocabulary.nearest(word)
    advice = f"spelt alike are {', '.join(map(quoted, alike))}" if alike else "use another word"
    raise VocabularyError(
        f"{option}: the word {quoted(word)} is not in the vocabulary of {len(vocabulary):,} words: "
        f"{advice}"
    )


def banned_ids(record: TextRecord, skip: list[str], *, unk: bool) -> set[int]:
    """The ids of the words to `skip`, and of `<unk>` unless `unk`. Raises VocabularyError."""
    banned = {word_id(record, word, "--skip") for word in skip}
    if not unk and record.vocabulary.unk_id is not None:
        banned.add(record.vocabulary.unk_id)
    return banned
