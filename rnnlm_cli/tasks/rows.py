"""A text as rows of figures: of its tokens, its words, or its lines."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from itertools import zip_longest
from typing import Any, get_args

from rnnlm_cli.arrays import BIT
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.score import LogBase, ScoreConfig
from rnnlm_cli.tasks.nbest import Hypothesis
from rnnlm_cli.tasks.passage import Passage
from rnnlm_cli.tasks.scorer import ScoredPassage, Scorer, TokenScore
from rnnlm_cli.tasks.sums import LineScore, WordScore, word_scores

Row = Mapping[str, Any]
Scored = TokenScore | WordScore | LineScore

_BASES: dict[LogBase, float] = {"e": 1.0, "2": BIT, "10": math.log(10)}  # in nats
_LISTS = "guesses", "guess_probabilities"


def passages(
    scorer: Scorer, lines: Iterable[str], where: str, config: ScoreConfig
) -> Iterator[Passage]:
    """What has a state of its own in the `lines` of a text: each with its end, or the whole."""
    if config.context == "text":
        yield Passage.of(scorer.words, text_of(lines), where)
        return
    for number, line in enumerate(lines, 1):
        yield Passage.of(scorer.words, f"{line}\n", where, line=number)


def score_lines(
    scorer: Scorer, lines: Iterable[str], where: str, config: ScoreConfig
) -> Iterator[ScoredPassage]:
    """The same with what `figures` needs of each."""
    guesses = None if config.by == "line" else config.guesses
    return scorer.score(passages(scorer, lines, where, config), guesses=guesses)


def lines_of(text: str) -> Iterator[str]:
    """The lines of a text without their ends."""
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield text[start:end]
        start = end + 1


def text_of(lines: Iterable[str]) -> str:
    """The text of those lines."""
    return "".join(f"{line}\n" for line in lines)


def as_asked(scorer: Scorer, scored: ScoredPassage, config: ScoreConfig) -> ScoredPassage:
    """A passage with its line ends, or without: they are then context alone."""
    return scored if config.eos else scored.without(scorer.eos_id)


def figures(
    scorer: Scorer, passages: Iterable[ScoredPassage], config: ScoreConfig
) -> Iterator[list[Scored]]:
    """The figures of each passage: of its tokens, its words, or of itself as one."""
    for number, scored in enumerate(passages, 1):
        counted = as_asked(scorer, scored, config)
        if config.by == "token":
            yield list(scorer.token_scores(counted, number))
        elif config.by == "word":
            yield list(word_scores(scorer, counted, number))
        else:
            yield [_in_base(LineScore.of(scorer, counted, number), config.log_base or "e")]


def _in_base(score: LineScore, base: LogBase) -> LineScore:
    return replace(score, log_probability=score.log_probability / _BASES[base])


def nbest_lines(
    scorer: Scorer, lines: Iterable[str], where: str, config: ScoreConfig
) -> Iterator[str]:
    """The lines of an n-best list, each with its score: of the words, and of `<eos>` if asked."""
    form = config.form or "kaldi"
    base = _BASES[config.log_base or ("10" if form == "srilm" else "e")]
    numbered = enumerate(lines, 1)
    read = ((n, Hypothesis.read(line, form, f"{where}, line {n}")) for n, line in numbered)

    def passage(numbered: tuple[int, Hypothesis]) -> list[Passage]:
        number, each = numbered
        return [Passage.of(scorer.words, f"{each.words}\n", where, line=number)]

    for (_, each), (scored,) in scorer.score_each(read, passage):
        counted = as_asked(scorer, scored, config)
        yield each.scored(counted.log_probability / base, form)


_NAMES = {
    kind: tuple(field.name for field in fields(kind) if field.name not in _LISTS)
    for kind in get_args(Scored)
}


def as_row(score: Scored) -> Row:
    """The figures by the names of their columns; a guess and its probability are two."""
    row: dict[str, Any] = {name: getattr(score, name) for name in _NAMES[type(score)]}
    if isinstance(score, TokenScore):
        pairs = zip(score.guesses, score.guess_probabilities, strict=True)
        for k, (guess, probability) in enumerate(pairs, 1):
            row |= {f"guess{k}": guess, f"probability{k}": probability}
    return row


def beside(first: Iterable[Scored], second: Iterable[Scored]) -> Iterator[Row]:
    """The figures of one model, with the surprisal of another and how much the first is above it.

    Raises ConfigError where the two do not have the same words.
    """
    for one, other in zip_longest(first, second):
        if one is None or other is None or _spelt(one) != _spelt(other):
            raise ConfigError(_not_beside(one or other))
        row = as_row(one)
        difference = one.surprisal - other.surprisal
        yield {**row, "surprisal_2": other.surprisal, "difference": difference}


def _not_beside(score: Scored) -> str:
    """Why what goes on with that score is not compared."""
    what, way = "tokens", "words or lines of it"
    if isinstance(score, WordScore):
        what, way = "words", "lines of it"
    return (
        f"the two models cut the text otherwise, so their {what} cannot be compared: compare {way}"
    )


def _spelt(score: Scored) -> str:
    return "" if isinstance(score, LineScore) else score.word
