"""A trained model as one value: what it scores, compares, continues and draws."""

from __future__ import annotations

import math
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, overload

from rnnlm_cli.checkpoint.exchange.exporting import Exported
from rnnlm_cli.checkpoint.opened import Opened
from rnnlm_cli.checkpoint.texts import ModelTexts
from rnnlm_cli.corpus.given_text import GivenText
from rnnlm_cli.corpus.known_words import known_spelling
from rnnlm_cli.corpus.loading import Corpus
from rnnlm_cli.corpus.reading.places import Place
from rnnlm_cli.corpus.text_record import TextRecord
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.scoring.evaluation import Evaluation
from rnnlm_cli.settings.calls import Options, checked
from rnnlm_cli.settings.run import SETTINGS, THREADS, RunRequest
from rnnlm_cli.settings.sample import SampleConfig, ToldConfig
from rnnlm_cli.settings.score import Context, ScoreConfig
from rnnlm_cli.settings.setting import ENCODING, Range, config_of, whole
from rnnlm_cli.settings.table import Punctuation
from rnnlm_cli.settings.text import Split
from rnnlm_cli.settings.train import Protocol
from rnnlm_cli.tasks.continuing import State, conditional_nats
from rnnlm_cli.tasks.contrasts.accuracy import Compared, compare
from rnnlm_cli.tasks.drawing import Wanted, joined
from rnnlm_cli.tasks.drawn_texts import DrawnText
from rnnlm_cli.tasks.passage import Passage
from rnnlm_cli.tasks.rows import figures, lines_of, score_lines
from rnnlm_cli.tasks.scorer import TokenScore
from rnnlm_cli.tasks.tables.with_scores import add_surprisal
from rnnlm_cli.watching import bars_of_here, in_silence

AnyPath = str | os.PathLike[str]
_GIVEN = "the text"  # where it is from: for messages
_BASE = Range(needed="a finite number above 1", above=1)  # of logarithms


@dataclass(frozen=True, eq=False, repr=False)
class Trained:
    """A trained model. What its methods are given is checked, and their errors name arguments."""

    _lm: Opened

    def __repr__(self) -> str:
        return repr(self._lm)

    @property
    def path(self) -> Path | None:
        """The file that it is in; None: in none."""
        return self._lm.path

    @classmethod
    @checked
    def load(
        cls,
        path: AnyPath,
        corpus: AnyPath | Sequence[AnyPath] | None = None,
        threads: Annotated[int | None, THREADS] = None,
        *,
        encoding: Annotated[str | None, ENCODING] = None,
        vocab: AnyPath | None = None,
        progress: bool = False,
    ) -> Trained:
        """The model in the file `path`, to work on so many threads (None: all cores).

        `corpus`, by name or path or several of them, is to be scored in place of its own, and read
        in that `encoding`. A file of the book takes its words from it, or from the file `vocab`
        (see `read_words`). `progress` shows a bar for downloads. Raises RnnlmError, as ConfigError
        for an `encoding` or a `vocab` of no use.
        """
        named = Place(() if corpus is None else _names(corpus), encoding)
        words = None if vocab is None else Path(vocab)
        stages = bars_of_here if progress else in_silence
        return cls(Opened.load(Path(path), named, threads, words, stages))

    @checked
    def save(self, path: AnyPath) -> None:
        """Write the model, whole or not at all: see `Opened.save_to`."""
        self._lm.save_to(Path(path))

    @checked
    def export(self, path: AnyPath, *, overwrite: bool = False) -> Exported:
        """Write it for the program that the end of the name tells: see `Opened.export_to`."""
        return self._lm.export_to(Path(path), overwrite=overwrite)

    @property
    @checked
    def words(self) -> TextRecord:
        """What it knows of its words. Raises CheckpointError: see `ModelTexts`."""
        return self._lm.words

    @property
    @checked
    def corpus(self) -> Corpus:
        """The text it was trained on. Raises CorpusError if that is not here, or has changed."""
        return self._lm.texts.trained_on()

    def __contains__(self, word: object) -> bool:
        """Whether that is one of its words, in any normal form."""
        return isinstance(word, str) and known_spelling(self._lm.words, word) is not None

    @checked
    def evaluate(
        self,
        path: AnyPath | None = None,
        *,
        text: str | None = None,
        split: Split | None = None,
        protocol: Protocol = "stream",
        eos: bool = True,
        encoding: Annotated[str | None, ENCODING] = None,
    ) -> Evaluation:
        """How well it predicts the text in a file, or a `text`, or a split (the test split).

        `encoding` is that of the file. The split is of the corpus that is named, else of its own.
        Without `eos` line ends are context only, and no figure counts them. Raises RnnlmError.
        """
        if encoding is not None and path is None:
            raise ConfigError("encoding is of a file, but none is given: name it, or leave it out")
        given = GivenText.read(text, None if path is None else os.fspath(path), encoding)
        return self._lm.evaluate_text(self._lm.texts.to_score(given, split), protocol, eos=eos)

    @checked
    def perplexity(self, text: str) -> float:
        """exp of the mean surprisal of the tokens of a text, which is one stream."""
        return self.evaluate(text=text).perplexity

    @overload  # a text is one of texts, too
    def score(self, text: str, *, eos: bool = ..., base: float = ...) -> float: ...  # type: ignore[overload-overlap]

    @overload
    def score(self, text: Iterable[str], *, eos: bool = ..., base: float = ...) -> list[float]: ...

    @checked
    def score(
        self,
        text: str | Iterable[str],
        *,
        eos: bool = True,
        base: Annotated[float, _BASE] = math.e,
    ) -> float | list[float]:
        """log p of a text, from its first word on, with that of the `<eos>` behind it.

        In nats, or to another `base`. Of several texts, each by itself, a list: side by side they
        take a fraction of the time. Raises VocabularyError for a word that has no id.
        """
        each = [(_GIVEN, text)] if isinstance(text, str) else _numbered(text)
        passages = (Passage.of(self._lm.words, one, where, eos=eos) for where, one in each)
        found = [one.log_probability / math.log(base) for one in self._lm.scorer.score(passages)]
        return found[0] if isinstance(text, str) else found

    @checked
    def token_scores(
        self, text: str, *, guesses: int = 0, context: Context = "line", eos: bool = True
    ) -> list[TokenScore]:
        """Surprisal, entropy and rank of every token of a text, with the likeliest `guesses`.

        Each line is scored by itself, or all as one text (`context="text"`); line ends are tokens
        unless `eos` is off. A list of them is a table for pandas and polars. Raises RnnlmError.
        """
        config = ScoreConfig(context=context, eos=eos, guesses=guesses)
        scorer = self._lm.scorer
        found = figures(scorer, score_lines(scorer, lines_of(text), _GIVEN, config), config)
        return [score for scores in found for score in scores if isinstance(score, TokenScore)]

    @checked
    def conditional_score(
        self, prefix: str, continuations: str | Collection[str], *, eos: bool = False
    ) -> list[float]:
        """log p(continuation | prefix) of each, in nats; with that of `<eos>` behind it if `eos`.

        Raises VocabularyError for a word that has no id.
        """
        found = conditional_nats(self._lm.scorer, prefix, tuple(continuations), eos=eos)
        return [0.0 - nats for nats in found]

    @checked
    def add_surprisal(
        self,
        table: Any,
        word: str = "word",
        by: str | Collection[str] = (),
        order_by: str | None = None,
        *,
        punctuation: Punctuation = "count",
    ) -> Any:
        """`table`, a list of dicts or a data frame, with the figures of its words as columns.

        The words of the column `word` are one text where the columns `by` are equal: see
        `tables.add_surprisal`, which also takes a text a row. Raises RnnlmError.
        """
        return add_surprisal(self._lm.scorer, table, word, by, order_by, punctuation=punctuation)

    @checked
    def compare(self, pairs: Iterable[tuple[str, str]], *, eos: bool = True) -> Compared:
        """How often it finds the good one of (good, bad) sentences likelier. Raises RnnlmError."""
        return compare(self._lm.scorer, pairs, eos=eos)

    def state(self) -> State:
        """The model before the first word: a value, to go on from as often as one likes."""
        return State.begin(self._lm.scorer)

    @checked
    def next_words(
        self, prefix: str = "", n: Annotated[int, whole(1)] = 5
    ) -> list[tuple[str, float]]:
        """The `n` likeliest tokens after `prefix`, with their probabilities, likeliest first."""
        return self.state().after(prefix).next_words(n)

    @checked
    def generate(
        self,
        start: str = "",
        *,
        skip: str | Collection[str] = (),
        unk: bool = False,
        require: str | Collection[str] = (),
        **settings: Annotated[Any, Options((SampleConfig,))],
    ) -> list[str]:
        """Texts that go on from `start`, one for each of the `samples`.

        `settings` are the options of `rnnlm generate`, such as length, samples, temperature, top_p,
        beam and seed; `record` says what a text ends with, by default as those that the model was
        trained on: "none" gives each its length. What to `skip` is not drawn, `<unk>` only with
        `unk`; what to `require` each text of a beam search has. Raises RnnlmError.
        """
        wanted = Wanted(skip, unk, require)
        return joined(self._lm.draw(start, SampleConfig(**settings), wanted).pieces())

    @checked
    def samples(
        self,
        start: str = "",
        *,
        skip: str | Collection[str] = (),
        unk: bool = False,
        require: str | Collection[str] = (),
        **settings: Annotated[Any, Options((SampleConfig, ToldConfig))],
    ) -> list[DrawnText]:
        """The same texts as `generate`, with their tokens and what the settings ask to tell.

        That is log p of each token (`scores`), and which runs of at least `copied_from` tokens are
        copied from the training text (`novelty`). Raises RnnlmError.
        """
        config, told = config_of(SampleConfig, settings), config_of(ToldConfig, settings)
        drawing = self._lm.draw(start, config, Wanted(skip, unk, require))
        return self._lm.draw_whole(drawing, told)

    @checked
    def most_similar(
        self, word: str, topn: Annotated[int, whole(1)] = 10
    ) -> list[tuple[str, float]]:
        """The words most like `word`, with their cosines, best first. Raises VocabularyError."""
        return self._lm.nearest(word, topn, "word")


def _numbered(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    return ((f"text[{number}]", text) for number, text in enumerate(texts))


def _names(corpus: AnyPath | Sequence[AnyPath]) -> tuple[str, ...]:
    names = [corpus] if isinstance(corpus, str | os.PathLike) else corpus
    return tuple(os.fspath(name) for name in names)


load = Trained.load


@checked
def train(
    corpus: AnyPath | Sequence[AnyPath] = "pydoc",
    out: AnyPath | None = None,
    *,
    progress: bool | None = None,
    **settings: Annotated[Any, Options((RunRequest, *SETTINGS))],
) -> Trained:
    """Train a model on a corpus, by name or path or several of them, as `rnnlm train` does.

    `settings` are its options; a budget is in seconds, or text as "10m". The files of the run lie
    at `out` and beside it; without it nothing is left of them. `progress` shows a bar and notes;
    None: in a notebook and on a terminal. A failed save is an RnnlmWarning. Raises RnnlmError, and
    KeyboardInterrupt when what was interrupted has saved its state, from which `rnnlm train
    --resume` goes on.
    """
    from rnnlm_cli.runs.whole import run_whole  # which scoring needs nothing of

    begun, ended = run_whole(progress=progress, corpus=_names(corpus), out=out, **settings)
    kept, run = None if out is None else ended.path, begun.config
    texts = ModelTexts(ended.checkpoint, kept, own=begun.corpus, threads=run.threads)
    texts.files.add(run.init_from, run.vocab)
    return Trained(Opened(texts))
