"""Figures of tokens added up: over what stands between blanks, and over lines."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from rnnlm_cli.arrays import BIT
from rnnlm_cli.corpus.vocabulary import EOS
from rnnlm_cli.scoring.figures import perplexity
from rnnlm_cli.tasks.passage import Passage
from rnnlm_cli.tasks.scorer import ScoredPassage, Scorer


@dataclass(frozen=True, slots=True)
class WordScore:
    """The tokens of what stands between two blanks of a text; a line end stands by itself.

    `entropy` and `rank` are those of its first token that is no white space.
    """

    sentence_id: int
    word_id: int  # in its sentence, from 1
    word: str  # as it is spelt in the text
    surprisal: float  # bits
    log_probability: float  # nats
    entropy: float  # bits; nan where it is not known
    rank: int | None
    n_tokens: int
    n_unknown: int


@dataclass(frozen=True, slots=True)
class LineScore:
    """A line as a whole."""

    sentence_id: int
    log_probability: float  # nats
    surprisal: float  # bits
    n_tokens: int
    n_unknown: int
    perplexity: float  # of a token; nan of none

    @classmethod
    def of(cls, scorer: Scorer, scored: ScoredPassage, sentence_id: int) -> LineScore:
        """The sums of a passage."""
        nats, tokens = scored.nats, len(scored.scores.ids)
        unknown = int(scorer.words.vocabulary.is_unknown(scored.scores.ids).sum())
        mean = perplexity(nats / tokens) if tokens else math.nan
        return cls(sentence_id, scored.log_probability, nats / BIT, tokens, unknown, mean)


def word_scores(scorer: Scorer, scored: ScoredPassage, sentence_id: int = 1) -> Iterator[WordScore]:
    """The words of a passage; those of one scored without guesses have no entropy and rank."""
    passage, scores, found = scored.passage, scored.scores, scored.scores.predictions
    unknown = scorer.words.vocabulary.is_unknown(scores.ids)
    for number, (part, word, first) in enumerate(_words(passage), 1):
        nats = float(scores.nats[part].sum())
        yield WordScore(
            sentence_id,
            number,
            word,
            nats / BIT,
            0.0 - nats,
            math.nan if found is None else float(found.entropies[first]) / BIT,
            None if found is None else int(found.ranks[first]),
            part.stop - part.start,
            int(unknown[part].sum()),
        )


def _words(passage: Passage) -> Iterator[tuple[slice, str, int]]:
    """The tokens of each word, its spelling, and its first token that is no white space.

    White space belongs to the word behind it, or to the line end.
    """
    begun, first, spelt = 0, -1, ""
    for index, (start, end) in enumerate(passage.spans):
        piece, ends_line = passage.text[start:end], passage.word(index) == EOS
        follows = index == 0 or start > passage.spans[index - 1][1]
        is_blank = piece.isspace() and not ends_line
        if first >= 0 and (follows or is_blank or ends_line or passage.word(first) == EOS):
            yield slice(begun, index), spelt, first
            begun, first, spelt = index, -1, ""
        if not is_blank:
            first = index if first < 0 else first
            spelt += EOS if ends_line else piece.strip()
    if begun < len(passage.spans):
        yield slice(begun, len(passage.spans)), spelt, max(first, begun)
