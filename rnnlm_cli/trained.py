"""A trained model as one value: what it scores, compares, continues and draws.

lm = load("m.pkl")
lm.score("the old cat sees a dog")
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, overload

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint, save_checkpoint
from rnnlm_cli.checkpoint.contents import Checkpoint
from rnnlm_cli.checkpoint.texts import ModelTexts, ScoredText
from rnnlm_cli.corpus.given_text import GivenText
from rnnlm_cli.corpus.loading import Corpus
from rnnlm_cli.corpus.places import Place
from rnnlm_cli.corpus.source import Shelf
from rnnlm_cli.corpus.text_record import TextRecord, known_spelling, word_id
from rnnlm_cli.errors import quoted
from rnnlm_cli.generating.generation import check_sampling
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.scoring.evaluation import Evaluation, check_scoring, evaluate
from rnnlm_cli.scoring.inspection import nearest_words
from rnnlm_cli.settings.arguments import told_as_arguments
from rnnlm_cli.settings.sample import SampleConfig
from rnnlm_cli.settings.score import Context, ScoreConfig
from rnnlm_cli.settings.setting import check_choice
from rnnlm_cli.settings.table import Punctuation
from rnnlm_cli.settings.text import Split
from rnnlm_cli.settings.train import Protocol
from rnnlm_cli.stopping import Progress
from rnnlm_cli.tasks.continuing import State, conditional_nats
from rnnlm_cli.tasks.contrasts.accuracy import Compared, compare
from rnnlm_cli.tasks.drawing import draw_pieces, joined
from rnnlm_cli.tasks.passage import Passage
from rnnlm_cli.tasks.rows import figures, lines_of, scored
from rnnlm_cli.tasks.scorer import Scorer, TokenScore, check_scorer
from rnnlm_cli.tasks.tables.with_scores import add_surprisal
from rnnlm_cli.threads import give_blas

_GIVEN = "the text"  # where it is from: for messages


@dataclass(eq=False, repr=False)
class Trained:
    """A trained model, which is built when it is first needed; so are its words and its text."""

    texts: ModelTexts  # the file, its words, its text, and others to score
    threads: int | None = None  # None: all cores

    def __repr__(self) -> str:
        sizes, V = self.checkpoint.model, self.checkpoint.vocab_size
        where = "" if self.path is None else f" of {quoted(self.path)}"
        return f"<model{where}: {V:,} words, {sizes.layers} x LSTM of {sizes.hidden_size}>"

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        corpus: Place | str | None = None,
        threads: int | None = None,
        *,
        vocab: str | os.PathLike[str] | None = None,
        progress: bool = False,
        shelf: Shelf | None = None,
    ) -> Trained:
        """The model in the file `path`, to work on so many threads (None: all cores).

        `corpus`, a name or a path, is to be scored in place of its own; a file of the book takes
        its words from it, or from the file `vocab` (see `read_words`). `progress` shows a bar for
        downloads; several models that are to read each text once share a `shelf` that keeps them.
        Raises CheckpointError, and CorpusError for words that do not fit.
        """
        shelf, checkpoint = shelf or Shelf(progress=progress), load_checkpoint(path)
        given, own = None if vocab is None else Path(vocab), checkpoint.text is not None
        if given is not None and not own:
            checkpoint = checkpoint.with_words(given)
        named = Place.of(corpus) if isinstance(corpus, str) else corpus
        return cls(ModelTexts(checkpoint, Path(path), named, shelf, None, given, own), threads)

    @property
    def checkpoint(self) -> Checkpoint:
        """What its file holds."""
        return self.texts.checkpoint

    @property
    def path(self) -> Path | None:
        """Where that lies; None: it is in no file."""
        return self.texts.path

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model, whole or not at all. Raises CheckpointError."""
        save_checkpoint(path, self.checkpoint)

    @cached_property
    def model(self) -> LanguageModel:
        """The model itself, for all that takes arrays. Raises ConfigError if it cannot fit."""
        give_blas(self.threads)
        return self.checkpoint.build_model(self.threads)

    def _ask(self, check: Callable[..., None], *of: object) -> None:
        """Raises ConfigError if memory cannot hold that, and the model unless it is built."""
        built = "model" in vars(self)
        check(self.checkpoint.vocab_size, *of, self.checkpoint.model, built=built)

    @property
    def words(self) -> TextRecord:
        """What it knows of its words. Raises CheckpointError: see `ModelTexts`."""
        return self.texts.words

    @property
    def corpus(self) -> Corpus:
        """The text it was trained on. Raises CorpusError if that is not here, or has changed."""
        return self.texts.trained_on()

    @cached_property
    def scorer(self) -> Scorer:
        """The model and its words, for whatever scores text."""
        self._ask(check_scorer)
        return Scorer(self.model, self.words)

    def __contains__(self, word: object) -> bool:
        """Whether that is one of its words, in any normal form."""
        return isinstance(word, str) and known_spelling(self.words, word) is not None

    # How well it predicts

    def evaluate(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        text: str | None = None,
        split: Split | None = None,
        protocol: Protocol = "stream",
        eos: bool = True,
    ) -> Evaluation:
        """How well it predicts the text in a file, or a `text`, or a split (the test split).

        The split is of the corpus that is named, else of its own. Without `eos` line ends are
        context only, and no figure counts them. Raises RnnlmError.
        """
        check_choice("protocol", protocol, Protocol)
        if split is not None:
            check_choice("split", split, Split)
        file = None if path is None else os.fspath(path)
        scored = self.texts.to_score(GivenText.read(text, file), split)
        return self.evaluate_text(scored, protocol, eos=eos)

    def perplexity(self, text: str) -> float:
        """exp of the mean surprisal of the tokens of a text, which is one stream."""
        return self.evaluate(text=text).perplexity

    def evaluate_text(
        self,
        scored: ScoredText,
        protocol: Protocol = "stream",
        progress: Progress | None = None,
        *,
        eos: bool = True,
    ) -> Evaluation:
        """How well it predicts `scored`, with its line ends or without. Raises RnnlmError."""
        self._ask(check_scoring, len(scored.ids))
        result = evaluate(self.model, scored.text, protocol=protocol, progress=progress)
        return result if eos else result.without_eos()

    # Scores of words, sentences and continuations

    @overload
    def score(self, text: str, *, eos: bool = ..., base: float = ...) -> float: ...

    @overload
    def score(
        self, text: list[str] | tuple[str, ...], *, eos: bool = ..., base: float = ...
    ) -> list[float]: ...

    def score(
        self, text: str | list[str] | tuple[str, ...], *, eos: bool = True, base: float = math.e
    ) -> float | list[float]:
        """log p of a text, from its first word on, with that of the `<eos>` behind it.

        In nats, or to another `base`. Of a list of texts, each by itself, a list: side by side they
        take a fraction of the time. Raises VocabularyError for a word that has no id.
        """
        texts = [text] if isinstance(text, str) else text
        passages = (Passage.of(self.words, each, _GIVEN, eos=eos) for each in texts)
        found = [0.0 - each.nats / math.log(base) for each in self.scorer.score(passages)]
        return found[0] if isinstance(text, str) else found

    def token_scores(
        self, text: str, *, guesses: int = 0, context: Context = "line", eos: bool = True
    ) -> list[TokenScore]:
        """Surprisal, entropy and rank of every token of a text, with the likeliest `guesses`.

        Each line is scored by itself, or all as one text (`context="text"`); line ends are tokens
        unless `eos` is off. A list of them is a table for pandas and polars. Raises RnnlmError.
        """
        config = ScoreConfig(context=context, eos=eos, guesses=guesses)
        found = figures(self.scorer, scored(self.scorer, lines_of(text), _GIVEN, config), config)
        return [score for scores in found for score in scores if isinstance(score, TokenScore)]

    def conditional_score(
        self, prefix: str, continuations: str | Sequence[str], *, eos: bool = False
    ) -> list[float]:
        """log p(continuation | prefix) of each, in nats; with that of `<eos>` behind it if `eos`.

        Raises VocabularyError for a word that has no id.
        """
        each = [continuations] if isinstance(continuations, str) else continuations
        return [0.0 - nats for nats in conditional_nats(self.scorer, prefix, each, eos=eos)]

    def add_surprisal(
        self,
        table: Any,
        word: str = "word",
        by: str | Sequence[str] = (),
        order_by: str | None = None,
        *,
        punctuation: Punctuation = "count",
    ) -> Any:
        """`table`, a list of dicts or a data frame, with the figures of its words as columns.

        The words of the column `word` are one text where the columns `by` are equal: see
        `tables.add_surprisal`, which also takes a text a row. Raises RnnlmError.
        """
        return add_surprisal(self.scorer, table, word, by, order_by, punctuation=punctuation)

    def compare(self, pairs: Iterable[tuple[str, str]], *, eos: bool = True) -> Compared:
        """How often it finds the good one of (good, bad) sentences likelier. Raises RnnlmError."""
        return compare(self.scorer, pairs, eos=eos)

    def state(self) -> State:
        """The model before the first word: a value, to go on from as often as one likes."""
        return State.begin(self.scorer)

    def next_words(self, prefix: str = "", n: int = 5) -> list[tuple[str, float]]:
        """The `n` likeliest tokens after `prefix`, with their probabilities, likeliest first."""
        return self.state().after(prefix).next_words(n)

    # What it draws, and which words it takes to be alike

    @told_as_arguments(SampleConfig)
    def generate(
        self, start: str = "", *, skip: Collection[str] = (), unk: bool = False, **settings: Any
    ) -> list[str]:
        """Texts that go on from `start`, one for each of the `samples`.

        `settings` are the options of `rnnlm generate`: length, samples, temperature, top_k, top_p,
        seed, stop_at_eos. What to `skip` is not drawn, `<unk>` only with `unk`. Raises RnnlmError.
        """
        return joined(self.draw(start, SampleConfig(**settings), skip=skip, unk=unk))

    def draw(
        self, start: str, how: SampleConfig, *, skip: Collection[str] = (), unk: bool = False
    ) -> Iterator[list[str]]:
        """The same piece by piece, as they are drawn: see `draw_pieces`."""
        self._ask(check_sampling, how)
        yield from draw_pieces(self.model, self.words, start, how, skip=skip, unk=unk)

    def most_similar(self, word: str, topn: int = 10) -> list[tuple[str, float]]:
        """The words whose vectors are most like that of `word`, with their cosines, best first.

        Raises VocabularyError, with words spelt alike, if it does not know the word.
        """
        vectors = self.model.network.embedding.params["W"]
        found = nearest_words(vectors, word_id(self.words, word, "nearest"), topn)
        return [(self.words.words[i], cosine) for i, cosine in found]


load = Trained.load


def train(
    corpus: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] = "pydoc",
    out: str | os.PathLike[str] | None = None,
    *,
    progress: bool | None = None,
    **settings: Any,
) -> Trained:
    """Train a model on a corpus, by name or path or several of them, as `rnnlm train` does.

    `settings` are its options; a budget is in seconds, or text as "10m". The files of the run lie
    at `out` and beside it; without it nothing is left of them. `progress` shows a bar and notes;
    None: in a notebook and on a terminal. A failed save is an RnnlmWarning. Raises RnnlmError.
    """
    from rnnlm_cli.runs.whole import run_whole  # which scoring needs nothing of

    with TemporaryDirectory(prefix="rnnlm-") as folder:
        path = Path(folder, "Rnnlm.pkl") if out is None else out
        names = [corpus] if isinstance(corpus, str | os.PathLike) else corpus
        texts = tuple(os.fspath(name) for name in names)
        begun, ended = run_whole(progress=progress, corpus=texts, out=path, **settings)
    found = ModelTexts(ended.checkpoint, None if out is None else ended.path, own=begun.corpus)
    return Trained(found, begun.config.threads)
