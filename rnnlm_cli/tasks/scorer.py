"""A model and its words, which score text: what every task works with."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import tee
from typing import TypeVar

import numpy as np

from rnnlm_cli.arrays import BIT
from rnnlm_cli.corpus.cutting.scripts import is_unspaced
from rnnlm_cli.corpus.text_record import TextRecord
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.scoring.distribution import Predictions
from rnnlm_cli.scoring.passages import Scores, score_passages
from rnnlm_cli.tasks.passage import Passage
from rnnlm_cli.watching import Progress, unseen

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class TokenScore:
    """How well a token of a text was predicted from all before it in its sentence.

    The first four are those of lm-zoo: ids count from 1, surprisal is in bits.
    """

    sentence_id: int  # of what has a state of its own: a line, or the whole text
    token_id: int  # in its sentence
    token: str  # as the model knows it: `<unk>` for a word that it does not
    surprisal: float  # bits: -log2 p(token | all before it)
    word: str  # as it is spelt in the text
    is_unknown: bool
    log_probability: float  # nats
    entropy: float  # bits, of the distribution that predicted the token; nan where it is not known
    rank: int | None  # of the token in it: 1 for the likeliest
    guesses: tuple[str, ...] = ()  # the likeliest tokens
    guess_probabilities: tuple[float, ...] = ()  # theirs


@dataclass(frozen=True, slots=True, eq=False)
class ScoredPassage:
    """A passage and the figures of its tokens."""

    passage: Passage
    scores: Scores

    @property
    def nats(self) -> float:
        """-log probability of all of it."""
        return float(self.scores.nats.sum())

    @property
    def log_probability(self) -> float:
        """The same as log p; 0 of nothing, and not -0.0."""
        return 0.0 - self.nats

    def without(self, token_id: int | None) -> ScoredPassage:
        """The same, as if the tokens of that id had not been asked for."""
        if token_id is None:
            return self
        keep = self.scores.ids != token_id
        return ScoredPassage(self.passage.part(keep), self.scores.part(keep))


@dataclass(frozen=True, slots=True, eq=False)
class Scorer:
    """A model and what it knows of its words."""

    model: LanguageModel
    words: TextRecord

    @property
    def eos_id(self) -> int | None:
        """What every text begins after; None: the first word is then context for the others."""
        return self.words.vocabulary.eos_id

    @property
    def begun(self) -> list[int]:
        """The same as a list of what is read before the first word."""
        return [] if self.eos_id is None else [self.eos_id]

    def gap(self, before: str, after: str) -> str:
        """What goes between two texts that are to be read as one: a blank, if words need one."""
        blanks = self.words.tokenizer.blanks
        if blanks == "themselves" or not before or not after:
            return ""
        ends = before[-1] + after[0]
        unspaced = blanks == "inside" and any(map(is_unspaced, ends))
        return "" if unspaced or any(map(str.isspace, ends)) else " "

    def score(
        self,
        passages: Iterable[Passage],
        *,
        guesses: int | None = None,
        progress: Progress = unseen,
    ) -> Iterator[ScoredPassage]:
        """The figures of each passage, in their order, some thousands read at a time.

        `guesses`: see `score_passages`.
        """
        read, kept = tee(passages)
        scored = score_passages(
            self.model,
            (passage.ids for passage in read),
            eos_id=self.eos_id,
            guesses=guesses,
            progress=progress,
        )
        return map(self.scored, kept, scored)

    def score_each(
        self,
        items: Iterable[Item],
        passages_of: Callable[[Item], Iterable[Passage]],
        *,
        guesses: int | None = None,
        progress: Progress = unseen,
    ) -> Iterator[tuple[Item, list[ScoredPassage]]]:
        """Each of `items` with the figures of its passages: see `score`."""
        read, kept = tee((item, list(passages_of(item))) for item in items)
        passages = (passage for _, each in read for passage in each)
        scored = self.score(passages, guesses=guesses, progress=progress)
        for item, each in kept:
            yield item, [next(scored) for _ in each]

    def scored(self, passage: Passage, scores: Scores) -> ScoredPassage:
        """What was scored of a passage, which is all of it where there is an `<eos>`."""
        if len(scores.ids) < len(passage.ids):
            passage = passage.part(np.arange(len(passage.ids)) > 0)
        return ScoredPassage(passage, scores)

    def token_scores(self, scored: ScoredPassage, sentence_id: int = 1) -> Iterator[TokenScore]:
        """The tokens of a passage; those of one scored without guesses have no entropy and rank."""
        passage, scores, words = scored.passage, scored.scores, self.words.words
        unk_id = self.words.vocabulary.unk_id
        predicted = _predicted(scores.predictions, len(scores.ids))
        rows = zip(scores.ids.tolist(), scores.nats.tolist(), predicted, strict=True)
        for index, (token, nats, (entropy, rank, guesses, shares)) in enumerate(rows):
            yield TokenScore(
                sentence_id,
                index + 1,
                words[token],
                nats / BIT,
                passage.word(index),
                token == unk_id,
                0.0 - nats,
                entropy / BIT,
                rank,
                tuple(words[guess] for guess in guesses),
                tuple(shares),
            )


def _predicted(
    found: Predictions | None, tokens: int
) -> Iterable[tuple[float, int | None, Sequence[int], Sequence[float]]]:
    """Entropy, rank, guesses and their probabilities at each place."""
    if found is None:
        return [(math.nan, None, (), ())] * tokens
    columns = found.entropies, found.ranks, found.guesses, found.shares
    return zip(*(column.tolist() for column in columns), strict=True)
