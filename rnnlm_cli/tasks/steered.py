"""A text that a person and a model write in turns, word by word, and can take back."""

from __future__ import annotations

import copy
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from rnnlm_cli.arrays import Floats, Ids, quietly
from rnnlm_cli.corpus.cutting.detokenizers import Detokenizer
from rnnlm_cli.corpus.cutting.rules import Blanks
from rnnlm_cli.corpus.known_words import banned_ids, phrase_ids
from rnnlm_cli.corpus.text_record import TextRecord
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.generating.generation import check_banned
from rnnlm_cli.generating.processors import check_a_word_is_left, ruled, rules
from rnnlm_cli.generating.samplers import draw, samplers, through
from rnnlm_cli.generating.stepping import Carried
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.settings.sample import SampleConfig
from rnnlm_cli.tasks.beginning import start_of


@dataclass(frozen=True, slots=True)
class Candidate:
    """A word that may come next."""

    id: int
    piece: str  # what it would add to the text; of an unfinished character the bytes: \xe3
    share: float  # of being drawn, after all that the settings do


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of the text, which the model may have yet to read."""

    id: int
    state: Carried  # the model's, to read it from
    joiner: Detokenizer  # of the text with it
    piece: str


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the model made of the last word of the text."""

    word: _Word | None  # None: the start has none behind it
    scores: Floats  # (V,) of the next ones
    state: Carried  # to read the next one from


class SteeredText:
    """The words `start`, and what is added to them.

    Every word keeps the state from which it is read, so that to take it back is exact: the next
    words are then what they were, to the bit. Nothing brings back random numbers that were drawn.
    A word is read when the next one is asked for, and anew if an interrupt has ended that: whenever
    one comes, the text has a word or has not, and is whole.
    """

    def __init__(
        self,
        model: LanguageModel,
        words: TextRecord,
        start: str,
        config: SampleConfig,
        *,
        skip: Collection[str] = (),
        unk: bool = False,
    ) -> None:
        """Raises VocabularyError, and ConfigError for a model without `<eos>` and no `start`."""
        self._words, self._eos = words, words.vocabulary.eos_id
        self._start, self._banned = start_of(words, start, config), banned_ids(words, skip, unk=unk)
        check_banned(model, self._banned)
        self._rng = np.random.default_rng(config.seed)
        self._stepper = self._start.stepper(model, 1)
        self._before_the_start_ends = self._stepper.state
        self._begun = words.tokenizer.detokenizer()
        shown = words.vocabulary.decode(self._start.words)
        self._shown = "".join(map(self._begun.feed, shown))
        self._added: list[_Word] = []
        self._reading: _Reading | None = None
        self.config = config

    @property
    def blanks(self) -> Blanks:
        """Where the blanks of the text are, to the model."""
        return self._words.tokenizer.blanks

    @property
    def text(self) -> str:
        """All of it."""
        end = copy.deepcopy(self._joiner).end()
        return self._shown + "".join(word.piece for word in self._added) + end

    def __len__(self) -> int:
        """How many words were added."""
        return len(self._added)

    def candidates(self, count: int) -> list[Candidate]:
        """The likeliest next words, fewer where the settings leave fewer, the likeliest first."""
        shares = self._shares()
        shares = shares / shares.sum(dtype=np.float64)
        order = np.argsort(-shares, kind="stable")[:count]
        return [
            Candidate(int(i), self._piece(int(i)), float(shares[i])) for i in order if shares[i] > 0
        ]

    def draw(self) -> str:
        """Add a word by chance: what it adds to the text."""
        shares = self._shares()
        (word,) = draw(shares[None], np.array([self._rng.random()])).tolist()
        return self.add(word)

    def add(self, word: int) -> str:
        """Add the word of an id: what it adds to the text."""
        state, joiner = self._read().state, copy.deepcopy(self._joiner)
        piece = joiner.feed(self._words.words[word])
        self._added.append(_Word(word, state, joiner, piece))
        return piece

    def type(self, text: str) -> str:
        """Add the words of `text`: what they add. Raises VocabularyError, and nothing is added."""
        ids = phrase_ids(self._words, self._words.set_off(text, self.text), "typed")
        return "".join(map(self.add, ids))

    def end_line(self) -> str:
        """Add a line end. Raises ConfigError where the model knows none."""
        if self._eos is None:
            raise ConfigError("the model knows no <eos>, so no line ends in its texts")
        return self.add(self._eos)

    def undo(self, count: int = 1) -> int:
        """Take the last words back: how many there were of so many."""
        taken = min(count, len(self._added))
        del self._added[len(self._added) - taken :]
        return taken

    @property
    def _joiner(self) -> Detokenizer:
        """What has joined the text, which goes on from a copy of it."""
        return self._added[-1].joiner if self._added else self._begun

    def _read(self) -> _Reading:
        """What the model makes of the last word; read once more, it is the same to the bit."""
        last = self._added[-1] if self._added else None
        if self._reading is None or self._reading.word is not last:
            self._stepper.state = last.state if last else self._before_the_start_ends
            with quietly():
                scores = self._stepper.step(np.array([last.id]) if last else self._start.last(1))
            self._reading = _Reading(last, scores[0].copy(), self._stepper.state)
        return self._reading

    def _shares(self) -> Floats:
        """(V,) in proportion to the shares of being drawn."""
        scores, asked = self._read().scores[None].copy(), rules(self.config, self._eos)
        with quietly():
            if asked:  # else nobody looks at the words so far, which may be many
                scores = ruled(scores, self._ids, asked)
            scores[:, list(self._banned)] = -np.inf
            check_a_word_is_left(scores.max(axis=-1), len(self._start.words) + len(self._added))
            shares: Floats = through(samplers(self.config), scores)[0]
        return shares

    @property
    def _ids(self) -> Ids:
        """(1, t) of all words."""
        return np.array([[*self._start.words, *(word.id for word in self._added)]], np.int32)

    def _piece(self, word: int) -> str:
        token = self._words.words[word]
        piece = copy.deepcopy(self._joiner).feed(token)
        return piece or (token if self._words.tokenizer.is_of_pieces else "")
