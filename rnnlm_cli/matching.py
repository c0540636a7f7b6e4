"""Bringing a checkpoint and a text together: its words, and the ids to score."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from rnnlm_cli.checkpoint import Checkpoint, TextRecord
from rnnlm_cli.config import CorpusConfig, Split
from rnnlm_cli.corpus.corpus import Corpus, corpus_is_there, encode_text, load_corpus
from rnnlm_cli.corpus.text import normalize, read_text, tokenize
from rnnlm_cli.corpus.vocabulary import EOS, UNK, Vocabulary
from rnnlm_cli.errors import CheckpointError, ConfigError, CorpusError, VocabularyError, quoted
from rnnlm_cli.model import Ids


@dataclass(frozen=True, slots=True)
class ScoredText:
    """The ids of a text in the words of a checkpoint."""

    name: str
    split: Split | None  # None: the whole of it
    ids: Ids
    vocabulary: Vocabulary


def words_of(
    checkpoint: Checkpoint, path: Path, corpus: str | None, *, progress: bool = False
) -> TextRecord:
    """What `checkpoint` knows of its words; a book's file takes them from `corpus`.

    Raises CheckpointError if it has none and no fitting corpus is given.
    """
    if checkpoint.text is not None:
        return checkpoint.text
    if corpus is None:
        raise CheckpointError(
            f"{quoted(path)} holds no vocabulary (a file of the book): "
            "name the corpus it was trained on, as in --corpus ptb"
        )
    found = load_corpus(corpus, CorpusConfig(), progress=progress)
    if len(found.vocabulary) != checkpoint.vocab_size:
        raise CheckpointError(
            f"{quoted(path)} was trained on {checkpoint.vocab_size:,} words, but {quoted(corpus)} "
            f"has {len(found.vocabulary):,}: it is another corpus"
        )
    return TextRecord.of(found, CorpusConfig())


@dataclass(frozen=True, slots=True)
class GivenText:
    """A text that the user gave: the words themselves, or a file with them."""

    name: str
    text: str

    @classmethod
    def read(cls, text: str | None, file: str | None) -> GivenText | None:
        """`text`, or what is in `file` ("-": standard input); None for neither.

        Raises ConfigError for both, CorpusError if the file cannot be read.
        """
        if text is not None and file is not None:
            raise ConfigError("both --text and --file are given: give one")
        if file is not None:
            return cls(file, read_text(file))
        return None if text is None else cls("--text", text)


def text_to_score(
    checkpoint: Checkpoint,
    path: Path,
    *,
    corpus: str | None = None,
    given: GivenText | None = None,
    split: Split | None = None,
    progress: bool = False,
) -> ScoredText:
    """The text to score: the `given` one, else a split (the test split) of `corpus`.

    Without either it is a split of the corpus that the checkpoint names, which must still be the
    same text. Raises RnnlmError.
    """
    if given is not None and split is not None:
        raise ConfigError("--split is given beside --text or --file, which has none: leave it out")
    record = words_of(checkpoint, path, corpus, progress=progress)
    vocabulary, config = record.vocabulary, record.config
    assert config.unit is not None
    if given is not None:
        if corpus is not None and checkpoint.text is not None:
            raise ConfigError("--corpus is given beside --text or --file: give one of them")
        where = given.name if given.name == "--text" else quoted(given.name)
        ids = encode_text(given.text, vocabulary, config.unit, config.lower, where)
        return ScoredText(given.name, None, ids, vocabulary)
    split = split or "test"
    if corpus is None:
        advice = "name a text with --corpus or --file", "give --corpus to score it all the same"
        found = _own_corpus(record, path, advice, only=split, progress=progress)
    else:
        found = load_corpus(corpus, config, vocabulary=vocabulary, only=split, progress=progress)
    return ScoredText(found.name, split, found.ids(split), vocabulary)


def own_splits(
    checkpoint: Checkpoint, path: Path, corpus: str | None, *, progress: bool = False
) -> tuple[Ids, Ids]:
    """The ids of the training and validation splits of the corpus that the model was trained on.

    Of a book's file that is `corpus`. Raises CorpusError if it is not here, or has changed.
    """
    record = words_of(checkpoint, path, corpus, progress=progress)
    advice = "tricks are tuned on that text, so put it there, or score without them"
    found = _own_corpus(record, path, (advice, advice), only=None, progress=progress)
    return found.ids("train"), found.ids("valid")


def _own_corpus(
    record: TextRecord, path: Path, advice: tuple[str, str], *, only: Split | None, progress: bool
) -> Corpus:
    """The corpus that `record` names; `advice` for when it is not here, and for another text."""
    if not corpus_is_there(record.corpus):
        raise CorpusError(
            f"{quoted(path)} was trained on {quoted(record.corpus)}, which is not here: {advice[0]}"
        )
    found = load_corpus(
        record.corpus, record.config, vocabulary=record.vocabulary, only=only, progress=progress
    )
    if found.sha256 != record.sha256:
        raise CorpusError(
            f"{quoted(record.corpus)} is not the text that {quoted(path)} was trained on (its "
            f"SHA-256 is {found.sha256[:12]}…, not {record.sha256[:12]}…): {advice[1]}"
        )
    return found


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
