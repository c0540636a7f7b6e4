"""A trained model with its words, its text and its file: what the verbs and Python users work with.

lm = load("m.pkl")
lm.evaluate(split="valid").perplexity
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnlm_cli.arrays import Ids
from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.checkpoint.contents import Checkpoint
from rnnlm_cli.checkpoint.own_text import Advice, own_corpus
from rnnlm_cli.corpus.loading import Corpus, corpus_of
from rnnlm_cli.corpus.places import place_key
from rnnlm_cli.corpus.reading import GivenText
from rnnlm_cli.corpus.record import TextRecord, banned_ids, start_ids, text_ids, word_id
from rnnlm_cli.corpus.source import Shelf, check_text
from rnnlm_cli.errors import CheckpointError, ConfigError, quoted
from rnnlm_cli.generating.generation import check_sampling, generate
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.scoring.evaluation import Evaluation, check_scoring, evaluate
from rnnlm_cli.scoring.inspection import nearest_words
from rnnlm_cli.settings.sample import SampleConfig
from rnnlm_cli.settings.text import CorpusConfig, Split
from rnnlm_cli.settings.train import Protocol
from rnnlm_cli.settings.tricks import TrickConfig
from rnnlm_cli.stopping import Progress
from rnnlm_cli.threads import give_blas

if TYPE_CHECKING:
    from rnnlm_cli.scoring.adapting import Adapted, Bars

_TO_SCORE = Advice("name it with --corpus", "give --corpus to score it all the same")
_TUNED = "tricks are tuned on that text: put it beside the model, or score without them"
_TO_TUNE = Advice(_TUNED, _TUNED)


@dataclass(frozen=True, slots=True)
class ScoredText:
    """A text in the words of a model."""

    name: str
    split: Split | None  # None: the whole of it
    ids: Ids


@dataclass(eq=False)
class Trained:
    """A trained model, which is built when it is first needed; so are its words and its text.

    `named` is a corpus to score, by name or path, from which a file of the book takes its words.
    No text is read twice, and no split of it cut into tokens twice.
    """

    checkpoint: Checkpoint
    path: Path | None  # None: it is in no file
    named: str | None = None
    threads: int | None = None  # None: all cores
    shelf: Shelf = field(default_factory=Shelf, repr=False)
    own: Corpus | None = field(default=None, repr=False)  # the text of it, once that is found
    _corpora: dict[str, Corpus] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        corpus: str | None = None,
        threads: int | None = None,
        *,
        progress: bool = False,
        shelf: Shelf | None = None,
    ) -> Trained:
        """The model in the file `path`, to work on so many threads (None: all cores).

        `corpus`, a name or a path, is to be scored in place of its own; a file of the book takes
        its words from it. `progress` shows a bar for downloads; several models that are to read
        each text once share a `shelf` that keeps them. Raises CheckpointError.
        """
        shelf = shelf or Shelf(progress=progress)
        return cls(load_checkpoint(path), Path(path), corpus, threads, shelf)

    @cached_property
    def model(self) -> LanguageModel:
        """The model itself, for all that takes arrays."""
        give_blas(self.threads)
        return self.checkpoint.build_model(self.threads)

    @cached_property
    def words(self) -> TextRecord:
        """What it knows of its words; a file of the book takes them from the corpus that is named.

        Raises CheckpointError if it has none and no fitting corpus is named.
        """
        if self.checkpoint.text is not None:
            return self.checkpoint.text
        if self.named is None:
            raise CheckpointError(
                f"{quoted(self.path)} holds no vocabulary (a file of the book): "
                "name the corpus it was trained on, as in --corpus ptb"
            )
        found = self._corpus_at(self.named)
        if len(found.vocabulary) != self.checkpoint.vocab_size:
            raise CheckpointError(
                f"{quoted(self.path)} was trained on {self.checkpoint.vocab_size:,} words, but "
                f"{quoted(self.named)} has {len(found.vocabulary):,}: it is another corpus"
            )
        return TextRecord.of(found, CorpusConfig())

    @property
    def notes(self) -> list[str]:
        """What is to be known before it reads a text here."""
        text = self.checkpoint.text
        return text.notes if text else []

    @property
    def corpus(self) -> Corpus:
        """The text it was trained on. Raises CorpusError if that is not here, or has changed."""
        return self._own_corpus(_TO_SCORE)

    def _own_corpus(self, advice: Advice) -> Corpus:
        if self.own is None:
            assert self.path is not None, "what is in no file comes with its text"
            first = [self.named] if self.named else []  # which has been read
            self.own = own_corpus(self.words, self.path, self._load_own, advice, first=first)
        return self.own

    def _load_own(self, place: str) -> Corpus:
        corpus = self._corpus_at(place)
        check_text(place, corpus.sha256, self.words.sha256)
        return corpus

    def _corpus_at(self, place: str) -> Corpus:
        """The text that lies there, in the words of the model if it has any."""
        key, text = place_key(place), self.checkpoint.text
        if key not in self._corpora:
            source = self.shelf.source(place)
            self._corpora[key] = (
                corpus_of(source, CorpusConfig())
                if text is None
                else corpus_of(
                    source, text.config, tokenizer=text.tokenizer, vocabulary=text.vocabulary
                )
            )
        return self._corpora[key]

    def forget_texts(self) -> None:
        """Give back the memory of its texts, which are read again should they be needed again."""
        self._corpora.clear()
        self.own = None

    def text_to_score(
        self, given: GivenText | None = None, split: Split | None = None
    ) -> ScoredText:
        """The `given` text, else a split (the test split) of the corpus that is named.

        Without either it is a split of its own corpus, which must still be the same text. Raises
        RnnlmError.
        """
        words = self.words
        if given is not None and split is not None:
            raise ConfigError(
                "--split is given beside --text or --file, which has none: leave it out"
            )
        if given is not None:
            if self.named is not None and self.checkpoint.text is not None:
                raise ConfigError("--corpus is given beside --text or --file: give one of them")
            return ScoredText(given.name, None, text_ids(words, given.text, given.where))
        part = split or "test"
        if self.named is None:
            return ScoredText(words.corpus, part, self.corpus.ids(part))
        return ScoredText(self.named, part, self._corpus_at(self.named).ids(part))

    def evaluate(
        self,
        text: str | None = None,
        *,
        file: str | None = None,
        split: Split | None = None,
        protocol: Protocol = "stream",
    ) -> Evaluation:
        """How well it predicts a `text`, or that in a `file`, or a split (the test split).

        The split is of the corpus that is named, else of its own. Raises RnnlmError.
        """
        return self.score(self.text_to_score(GivenText.read(text, file), split), protocol)

    def score(
        self, scored: ScoredText, protocol: Protocol = "stream", progress: Progress | None = None
    ) -> Evaluation:
        """How well it predicts `scored`. Raises RnnlmError."""
        check_scoring(self.checkpoint.vocab_size, len(scored.ids), self.checkpoint.model)
        vocabulary = self.words.vocabulary
        return evaluate(
            self.model,
            scored.ids,
            eos_id=vocabulary.eos_id,
            unk_id=vocabulary.unk_id,
            protocol=protocol,
            progress=progress,
        )

    def score_with_tricks(
        self,
        scored: ScoredText,
        tricks: TrickConfig,
        *,
        say: Callable[[str], object],
        stages: Bars,
    ) -> list[Adapted]:
        """How well it predicts `scored` with each of `tricks`, and with all of them together.

        They are tuned on its own corpus. `say` is told if they know the text already, so that it
        flatters them; `stages` give the progress. Raises RnnlmError.
        """
        from rnnlm_cli.scoring.adapting import Texts, adapt, check_adapting
        from rnnlm_cli.scoring.adapting.overlap import overlap_notes

        own, vocabulary = self._own_corpus(_TO_TUNE), self.words.vocabulary
        train, valid = own.ids("train"), own.ids("valid")
        longest = max(len(scored.ids), len(valid))
        sizes = self.checkpoint.vocab_size, longest, len(train)
        check_adapting(*sizes, self.checkpoint.model, tricks)
        texts = Texts(train, valid, scored.ids, vocabulary.eos_id, vocabulary.unk_id)
        for note in overlap_notes(texts, tricks, self.words.tokenizer.unit):
            say(note)
        return adapt(self.model, texts, tricks, stages=stages)

    def generate(
        self,
        start: str = "",
        config: SampleConfig | None = None,
        *,
        skip: Collection[str] = (),
        unk: bool = False,
    ) -> Iterator[list[str]]:
        """Text that goes on from `start`: a list with a piece for each sample, one after the other.

        The first pieces are `start` as the model reads it, the others a token each, or "" where a
        sample has ended. Words to `skip` are not drawn, nor is `<unk>` unless `unk`. Raises
        RnnlmError.
        """
        config = config or SampleConfig()
        check_sampling(self.checkpoint.vocab_size, config, self.checkpoint.model)
        words, model = self.words, self.model
        begun, banned = start_ids(words, start), banned_ids(words, skip, unk=unk)
        joiners = [words.tokenizer.detokenizer() for _ in range(config.samples)]
        yield ["".join(map(join.feed, words.vocabulary.decode(begun[1:]))) for join in joiners]
        rng, eos_id = np.random.default_rng(config.seed), words.vocabulary.eos_id
        for ids in generate(model, begun, config, rng=rng, banned=banned, eos_id=eos_id):
            pairs = zip(joiners, ids.tolist(), strict=True)
            yield [join.feed(words.words[i]) if i >= 0 else "" for join, i in pairs]

    def nearest(self, word: str, count: int = 10) -> list[tuple[str, float]]:
        """The words whose vectors are most like that of `word`, with their cosines, best first.

        Raises VocabularyError, with words spelt alike, if it does not know the word.
        """
        vectors = self.model.network.embedding.params["W"]
        found = nearest_words(vectors, word_id(self.words, word, "--nearest"), count)
        return [(self.words.words[i], cosine) for i, cosine in found]


load = Trained.load


def train(
    corpus: str | os.PathLike[str] = "pydoc",
    out: str | os.PathLike[str] | None = None,
    **settings: Any,
) -> Trained:
    """Train a model on a corpus, by name or path, as `rnnlm train` does.

    `settings` are its options; a budget is in seconds, or text as "10m". The files of the run lie
    at `out` and beside it; without it nothing is left of them. Raises RnnlmError.
    """
    from rnnlm_cli.runs.whole import run_whole  # which scoring needs nothing of

    with TemporaryDirectory(prefix="rnnlm-") as folder:
        path = Path(folder, "Rnnlm.pkl") if out is None else Path(out)
        begun, ended = run_whole(corpus=os.fspath(corpus), out=path, **settings)
    kept, threads = None if out is None else ended.path, begun.config.threads
    return Trained(ended.checkpoint, kept, threads=threads, own=begun.corpus)
