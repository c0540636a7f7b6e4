"""A model out of a file, with its words and its texts: what the commands work with.

Its errors are worded for the command line; `trained.py` tells them to Python.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Self

from rnnlm_cli.arrays import Ids
from rnnlm_cli.checkpoint.checkpoint import load_checkpoint, save_checkpoint
from rnnlm_cli.checkpoint.contents import Checkpoint
from rnnlm_cli.checkpoint.exchange.exporting import Exported, check_free, export, form_of
from rnnlm_cli.checkpoint.given_words import check_takes_words
from rnnlm_cli.checkpoint.own_text import Advice
from rnnlm_cli.checkpoint.texts import ModelTexts, ScoredText
from rnnlm_cli.corpus.known_words import word_id
from rnnlm_cli.corpus.reading.overwriting import is_same_file
from rnnlm_cli.corpus.reading.places import Place
from rnnlm_cli.corpus.source import Shelf
from rnnlm_cli.corpus.standard_input import place_of_files
from rnnlm_cli.corpus.text_record import TextRecord
from rnnlm_cli.errors import ConfigError, quoted
from rnnlm_cli.generating.generation import less_to_draw, sampling_parts
from rnnlm_cli.generating.suffixes import SuffixArray
from rnnlm_cli.machine import need
from rnnlm_cli.model.footprint import parameter_bytes
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.scoring.evaluation import Evaluation, evaluate, scoring_parts
from rnnlm_cli.scoring.inspection import analogous_words, nearest_words
from rnnlm_cli.scoring.passages import passage_parts
from rnnlm_cli.scoring.traces import Trace, traces
from rnnlm_cli.settings.sample import SampleConfig, ToldConfig
from rnnlm_cli.settings.train import Protocol
from rnnlm_cli.settings.tricks import TrickConfig
from rnnlm_cli.tasks.drawing import Drawing, Wanted, draw
from rnnlm_cli.tasks.drawn_texts import DrawnText, drawn_texts, least_run
from rnnlm_cli.tasks.scorer import Scorer
from rnnlm_cli.tasks.steered import SteeredText
from rnnlm_cli.tasks.with_tricks import WithTricks
from rnnlm_cli.watching import Bars, Progress, in_silence, unseen

_TUNED = "tricks are tuned on that text: put it beside the model, or score without them"
_COMPARED = "copies are looked for in that text: put it beside the model, or leave novelty out"
_TO_TUNE, _TO_COMPARE = Advice(_TUNED, _TUNED), Advice(_COMPARED, _COMPARED)


@dataclass(eq=False, repr=False)
class Opened:
    """A trained model, which is built when it is first needed; so are its words and its text."""

    texts: ModelTexts  # the file, its words, its text, and others to score
    _model: LanguageModel | None = field(default=None, init=False)
    _suffixes: SuffixArray | None = field(default=None, init=False)

    def __repr__(self) -> str:
        sizes, V = self.checkpoint.model, self.checkpoint.vocab_size
        where = "" if self.path is None else f" of {quoted(self.path)}"
        return f"<model{where}: {V:,} words, {sizes.layers} x LSTM of {sizes.hidden_size}>"

    @classmethod
    def load(
        cls, path: Path, named: Place, threads: int | None, vocab: Path | None, stages: Bars
    ) -> Self:
        """The model at `path`, with the corpus that is `named`, should there be a name.

        Raises RnnlmError, as ConfigError for what is given and of no use.
        """
        if named.encoding is not None and not named.names:
            raise ConfigError(
                "encoding is of a corpus, but none is given: name it, or leave it out"
            )
        place, checkpoint = place_of_files(named) if named.names else None, load_checkpoint(path)
        check_takes_words(checkpoint, path, vocab)
        shelf = Shelf(stages=stages)
        return cls(ModelTexts(checkpoint, path, place, shelf, vocab=vocab, threads=threads))

    @property
    def checkpoint(self) -> Checkpoint:
        """What its file holds."""
        return self.texts.checkpoint

    @property
    def path(self) -> Path | None:
        """Where that lies; None: it is in no file."""
        return self.texts.path

    @property
    def name(self) -> str:
        """What a picture or a report calls it: the name of its file."""
        return "model" if self.path is None else self.path.name

    @property
    def model(self) -> LanguageModel:
        """The model itself, for all that takes arrays. Raises ConfigError if it cannot fit."""
        if self._model is None:
            self._model = self.checkpoint.build_model(self.texts.threads)
        return self._model

    @property
    def words(self) -> TextRecord:
        """What is known of its words. Raises CheckpointError: see `ModelTexts`."""
        return self.texts.words

    def _need(self, what: str, parts: dict[str, int], advice: str) -> None:
        """Raises ConfigError if memory cannot hold these `parts`, and the model if it is to come.

        See `machine.need`.
        """
        if self._model is None:
            parts = {"parameters": parameter_bytes(self.checkpoint.sizes), **parts}
        need(what, parts, advice)

    @cached_property
    def scorer(self) -> Scorer:
        """The model and its words, for whatever scores text."""
        parts = passage_parts(self.checkpoint.sizes)
        self._need("scoring", parts, "use a model with fewer units")
        return Scorer(self.model, self.words)

    def evaluate_text(
        self,
        scored: ScoredText,
        protocol: Protocol = "stream",
        progress: Progress = unseen,
        *,
        eos: bool = True,
    ) -> Evaluation:
        """How well it predicts `scored`, with its line ends or without. Raises RnnlmError."""
        parts = scoring_parts(self.checkpoint.sizes, len(scored.ids))
        self._need("scoring", parts, "score a shorter text")
        result = evaluate(self.model, scored.text, protocol=protocol, progress=progress)
        return result if eos else result.without_eos()

    def draw(self, start: str, how: SampleConfig, wanted: Wanted) -> Drawing:
        """Texts that go on from `start`, to take piece by piece: see `drawing.draw`."""
        self._need_to_draw(how)
        return draw(self.model, self.words, start, how, wanted)

    def _need_to_draw(self, how: SampleConfig) -> None:
        parts = sampling_parts(self.checkpoint.sizes, how)
        self._need("drawing", parts, less_to_draw(how))

    def steer(self, start: str, how: SampleConfig, wanted: Wanted) -> SteeredText:
        """A text to write together, which begins with `start`: see `SteeredText`."""
        self._need_to_draw(how)
        return SteeredText(self.model, self.words, start, how, skip=wanted.skip, unk=wanted.unk)

    def draw_whole(
        self, drawing: Drawing, told: ToldConfig, stages: Bars = in_silence
    ) -> list[DrawnText]:
        """The texts of `drawing` with what is to be told of them: see `drawn_texts`.

        Raises CorpusError if the text that copies are looked for in is not here.
        """
        suffixes = self._trained_suffixes(stages) if told.novelty else None
        least = least_run(self.words.tokenizer, told.copied_from)
        scorer = self.scorer if told.scores else None
        return drawn_texts(drawing, scorer=scorer, suffixes=suffixes, least=least)

    def _trained_suffixes(self, stages: Bars) -> SuffixArray:
        """Those of the text that it was trained on, sorted when copies are first looked for."""
        if self._suffixes is None:
            ids = self.texts.trained_on(_TO_COMPARE).text("train").held().ids
            with stages("suffixes", len(ids)) as progress:
                self._suffixes = SuffixArray(ids, progress)
        return self._suffixes

    def with_tricks(
        self, tricks: TrickConfig, *, say: Callable[[str], object], stages: Bars
    ) -> WithTricks:
        """The same with what helps it to score: see `WithTricks`.

        Raises CorpusError if the text that it was trained on, on which they are tuned, is not here.
        """
        own = self.texts.trained_on(_TO_TUNE)
        return WithTricks(self.scorer, own, tricks, say=say, stages=stages)

    def save_to(self, path: Path) -> None:
        """Write it, whole or not at all: over its own file, but over no other that it has read.

        Raises RnnlmError.
        """
        if self.path is None or not is_same_file(path, self.path):
            self.texts.files.check(path)
        save_checkpoint(path, self.checkpoint)

    def export_to(self, path: Path, *, overwrite: bool = False) -> Exported:
        """Write it for the program that the end of the name tells: see `exporting.FORMS`.

        A file that is there is kept unless it is to `overwrite` it, and the model and what it has
        read in any case. Raises RnnlmError.
        """
        form_of(path)
        self.texts.files.check(path)
        check_free(path, overwrite=overwrite)
        return export(lambda: self.model, lambda: self.words, path)

    def analogy(self, a: str, b: str, c: str, count: int) -> list[tuple[str, float]]:
        """The words d for which a : b = c : d, with their cosines. Raises VocabularyError."""
        vectors, known = self.model.word_vectors, self.words
        i, j, k = (word_id(known, word, "analogy") for word in (a, b, c))
        found = analogous_words(vectors, i, j, k, count)
        return [(known.words[i], cosine) for i, cosine in found]

    def traces(self, ids: Ids) -> list[Trace]:
        """The gates and cells of its LSTMs over ids (T,): see `traces`."""
        return traces(self.model, ids, self.words.vocabulary.eos_id)

    def nearest(self, word: str, count: int, option: str) -> list[tuple[str, float]]:
        """The words whose vectors are most like that of `word`, with their cosines, best first.

        Raises VocabularyError, with the `option` and words spelt alike, if it does not know it.
        """
        vectors, known = self.model.word_vectors, self.words
        found = nearest_words(vectors, word_id(known, word, option), count)
        return [(known.words[i], cosine) for i, cosine in found]
