"""Words that a model takes whose file has none: whether they may be its own, and what is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from rnnlm_cli.checkpoint.contents import Checkpoint
from rnnlm_cli.corpus.cutting.units import Tokenizer
from rnnlm_cli.corpus.loading import Corpus
from rnnlm_cli.corpus.reading.places import Place
from rnnlm_cli.corpus.vocab_file import words_record
from rnnlm_cli.errors import CheckpointError, ConfigError, quoted


def check_words(corpus: Corpus, vocab_size: int, path: Path | None) -> None:
    """Find out whether the model at `path`, of so many words, may have those of `corpus`.

    Raises CheckpointError.
    """
    if len(corpus.vocabulary) != vocab_size:
        raise CheckpointError(
            f"{quoted(path)} was trained on {vocab_size:,} words, but {quoted(corpus.name)} has "
            f"{len(corpus.vocabulary):,}: it is another corpus"
        )


def words_note(path: Path | None, source: Path | Place, tokenizer: Tokenizer, count: int) -> str:
    """What could not be checked of so many words that a file without any was given."""
    return (
        f"{quoted(path)} holds no words: it gets those of {quoted(source)} (unit "
        f"{tokenizer}), of which only the number, {count:,}, could be checked"
    )


def check_takes_words(checkpoint: Checkpoint, path: Path, vocab: Path | None) -> None:
    """Raises ConfigError where the model at `path` is given a `vocab`, but has its own words."""
    if vocab is not None and checkpoint.text is not None:
        raise ConfigError(f"{quoted(path)} has words of its own, and keeps them: leave vocab out")


def with_given_words(
    checkpoint: Checkpoint, path: Path, vocab: Path | None
) -> tuple[Checkpoint, tuple[str, ...]]:
    """The model at `path` with the words in the file `vocab`, and notes; or as it is.

    So is one that has words, for other models may be given the same file. Raises CorpusError if
    there are no words in it, or not so many.
    """
    if vocab is None:
        return checkpoint, ()
    if checkpoint.text is not None:
        return checkpoint, (
            f"{quoted(path)} keeps the words that it has: {quoted(vocab)} is not used",
        )
    words = words_record(vocab, checkpoint.vocab_size)
    note = words_note(path, vocab, words.tokenizer, len(words.words))
    return replace(checkpoint, text=words), (note,)
