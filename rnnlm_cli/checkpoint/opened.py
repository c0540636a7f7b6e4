"""A model out of a file, with its words and its texts: what the commands work with.

Its errors are worded for the command line; `trained.py` tells them to Python.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Self

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.checkpoint.contents import Checkpoint
from rnnlm_cli.checkpoint.texts import ModelTexts, ScoredText
from rnnlm_cli.corpus.loading import Corpus
from rnnlm_cli.corpus.places import Place
from rnnlm_cli.corpus.record import word_id
from rnnlm_cli.corpus.source import Shelf
from rnnlm_cli.errors import quoted
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.scoring.evaluation import Evaluation, check_scoring, evaluate
from rnnlm_cli.scoring.inspection import nearest_words
from rnnlm_cli.settings.train import Protocol
from rnnlm_cli.stopping import Progress
from rnnlm_cli.tasks.scorer import Scorer, check_scorer
from rnnlm_cli.threads import give_blas


@dataclass(eq=False, repr=False)
class Opened:
    """A trained model, which is built when it is first needed; so are its words and its text.

    `named` is a corpus to score, by name or path, from which a file of the book takes its words.
    """

    checkpoint: Checkpoint
    path: Path | None  # None: it is in no file
    named: Place | None = None
    threads: int | None = None  # None: all cores
    shelf: Shelf = field(default_factory=Shelf)
    own: Corpus | None = None  # the text of it, should it be at hand
    vocab: Path | None = None  # where words were given, should that be so
    keeps: bool = False  # its own, whatever was given

    def __repr__(self) -> str:
        sizes, V = self.checkpoint.model, self.checkpoint.vocab_size
        where = "" if self.path is None else f" of {quoted(self.path)}"
        return f"<model{where}: {V:,} words, {sizes.layers} x LSTM of {sizes.hidden_size}>"

    @classmethod
    def of_file(
        cls,
        path: Path,
        named: Place | None = None,
        threads: int | None = None,
        *,
        vocab: Path | None = None,
        shelf: Shelf,
    ) -> Self:
        """The model in the file `path`.

        A file of the book takes its words from the corpus that is `named`, or from the file `vocab`
        (see `read_words`). Several models that are to read each text once share a `shelf` that
        keeps them. Raises CheckpointError, and CorpusError for words that do not fit.
        """
        checkpoint = load_checkpoint(path)
        own = checkpoint.text is not None
        if vocab is not None and not own:
            checkpoint = checkpoint.with_words(vocab)
        return cls(checkpoint, path, named, threads, shelf, vocab=vocab, keeps=own)

    @cached_property
    def model(self) -> LanguageModel:
        """The model itself, for all that takes arrays."""
        give_blas(self.threads)
        return self.checkpoint.build_model(self.threads)

    @cached_property
    def texts(self) -> ModelTexts:
        """Its words, its text, and others to score."""
        return ModelTexts(
            self.checkpoint, self.path, self.named, self.shelf, self.own, self.vocab, self.keeps
        )

    @cached_property
    def scorer(self) -> Scorer:
        """The model and its words, for whatever scores text."""
        check_scorer(self.checkpoint.vocab_size, self.checkpoint.model)
        return Scorer(self.model, self.texts.words)

    def evaluate_text(
        self,
        scored: ScoredText,
        protocol: Protocol = "stream",
        progress: Progress | None = None,
        *,
        eos: bool = True,
    ) -> Evaluation:
        """How well it predicts `scored`, with its line ends or without. Raises RnnlmError."""
        check_scoring(self.checkpoint.vocab_size, len(scored.ids), self.checkpoint.model)
        result = evaluate(self.model, scored.text, protocol=protocol, progress=progress)
        return result if eos else result.without_eos()

    def nearest(self, word: str, count: int) -> list[tuple[str, float]]:
        """The words whose vectors are most like that of `word`, with their cosines, best first.

        Raises VocabularyError, with words spelt alike, if it does not know the word.
        """
        vectors, known = self.model.network.embedding.params["W"], self.texts.words
        found = nearest_words(vectors, word_id(known, word, "nearest"), count)
        return [(known.words[i], cosine) for i, cosine in found]
