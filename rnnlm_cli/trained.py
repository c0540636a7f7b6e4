"""Bringing a checkpoint and a text together: its words, and the ids to score."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rnnlm_cli.arrays import Ids
from rnnlm_cli.checkpoint.checkpoint import Checkpoint
from rnnlm_cli.checkpoint.own_text import Advice, likely_places, own_corpus
from rnnlm_cli.corpus.loading import (
    Corpus,
    corpus_is_there,
    encode_text,
    load_corpus,
)
from rnnlm_cli.corpus.reading import read_text
from rnnlm_cli.corpus.record import TextRecord
from rnnlm_cli.corpus.vocabulary import Vocabulary
from rnnlm_cli.errors import (
    CheckpointError,
    ConfigError,
    quoted,
)
from rnnlm_cli.settings.text import CorpusConfig, Split


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
        advice = Advice("name it with --corpus", "give --corpus to score it all the same")
        found = own_corpus(record, path, _loader(record, split, progress), advice)
        return ScoredText(record.corpus, split, found.ids(split), vocabulary)
    found = load_corpus(corpus, config, vocabulary=vocabulary, only=split, progress=progress)
    return ScoredText(corpus, split, found.ids(split), vocabulary)


def own_splits(
    checkpoint: Checkpoint, path: Path, corpus: str | None, *, progress: bool = False
) -> tuple[Ids, Ids]:
    """The ids of the training and validation splits of the corpus that the model was trained on.

    Of a book's file that is `corpus`, which is also looked at for a text that has moved. Raises
    CorpusError if it is not here, or has changed.
    """
    record = words_of(checkpoint, path, corpus, progress=progress)
    needed = "tricks are tuned on that text: put it beside the model, or score without them"
    load = _loader(record, None, progress)
    places = [*filter(corpus_is_there, likely_places(record, path)), *filter(None, [corpus])]
    found = own_corpus(record, path, load, Advice(needed, needed), places or None)
    return found.ids("train"), found.ids("valid")


def _loader(record: TextRecord, only: Split | None, progress: bool) -> Callable[[str], Corpus]:
    """What reads the text of `record`, and refuses any other one."""
    return partial(
        load_corpus,
        config=record.config,
        vocabulary=record.vocabulary,
        only=only,
        sha256=record.sha256,
        progress=progress,
    )
