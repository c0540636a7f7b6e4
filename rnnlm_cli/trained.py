"""Bringing a checkpoint and a text together: its words, and the ids to score."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from rnnlm_cli.checkpoint.checkpoint import Checkpoint, TextRecord, load_checkpoint
from rnnlm_cli.checkpoint.naming import STATE, state_path
from rnnlm_cli.corpus.loading import (
    Corpus,
    corpus_is_there,
    encode_text,
    is_registered,
    label,
    load_corpus,
)
from rnnlm_cli.corpus.units import normalize, read_text, tokenize
from rnnlm_cli.corpus.vocabulary import EOS, UNK, Vocabulary
from rnnlm_cli.errors import (
    AnotherText,
    CheckpointError,
    ConfigError,
    CorpusError,
    VocabularyError,
    quoted,
)
from rnnlm_cli.model.model import Ids
from rnnlm_cli.settings.config import CorpusConfig, Split


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


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do where the text of a model is not here, and where it is another one."""

    missing: str
    another: str


def own_corpus(
    record: TextRecord,
    path: Path,
    load: Callable[[str], Corpus],
    advice: Advice,
    places: Sequence[str] | None = None,
) -> Corpus:
    """The text that `record`, out of the file `path`, is of: the first that has its hash.

    It is looked for in `places`, else in those of `likely_places`. `load` raises AnotherText for
    any other text. Raises CorpusError.
    """
    likely = likely_places(record, path) if places is None else places
    another: AnotherText | None = None
    for place in likely if places is not None else filter(corpus_is_there, likely):
        try:
            return replace(load(place), name=label(record.corpus))
        except AnotherText as error:
            another = another or error
    if another is not None:
        raise AnotherText(
            f"{another}: it is not the text that {quoted(path)} was trained on: {advice.another}"
        )
    before = _remembered(record, path)
    raise CorpusError(
        f"{quoted(path)} was trained on {quoted(record.corpus)}, which is not here or beside the "
        f"model{f', nor still at {quoted(Path(before))}' if before else ''}: {advice.missing}"
    )


def likely_places(record: TextRecord, path: Path) -> list[str]:
    """Where the text of `record`, out of `path`, may be: a registered name, or paths.

    In this folder, beside the model, and where it was when it was trained on, which the state
    beside the model knows.
    """
    if is_registered(record.corpus):
        return [record.corpus]
    name = os.path.basename(record.corpus)
    places = [record.corpus, name, str(path.parent / name), _remembered(record, path)]
    return list(dict.fromkeys(place for place in places if place))


def _remembered(record: TextRecord, path: Path) -> str | None:
    """Where the text was, as the newest state of the same run tells, should there be one."""
    state = path if path.name.endswith(STATE) else state_path(path)
    with suppress(CheckpointError):
        loaded = load_checkpoint(state)
        if loaded.text is not None and loaded.text.sha256 == record.sha256:
            found: str | None = loaded.timings.get("corpus_path")
            return found
    return None


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
