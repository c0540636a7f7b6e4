"""A text as a model reads it: the figures of its tokens, as `rnnlm score` gives them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rnnlm_cli.checkpoint.opened import Opened
from rnnlm_cli.cli.report.record import Reading, ScoredLine
from rnnlm_cli.schema import finite
from rnnlm_cli.settings.score import ScoreConfig
from rnnlm_cli.tasks.rows import score_lines
from rnnlm_cli.tasks.scorer import ScoredPassage, Scorer, TokenScore

_GUESSES = 5
_CONFIG = ScoreConfig(guesses=_GUESSES)


def reading_of(lm: Opened, name: str, lines: Sequence[str]) -> Reading:
    """`lines` as `lm` reads them, each by itself. Raises VocabularyError."""
    passages = score_lines(lm.scorer, lines, "the text", _CONFIG)
    return Reading(model=name, lines=[_line(lm.scorer, each) for each in passages])


def _line(scorer: Scorer, scored: ScoredPassage) -> ScoredLine:
    tokens = list(scorer.token_scores(scored))
    text, spans = scored.passage.text, scored.passage.spans
    ends = [spans[0][0] if spans else 0, *(end for _, end in spans)]
    return ScoredLine(
        blanks=[text[end:start] for end, (start, _) in zip(ends, spans, strict=False)],
        words=[each.word for each in tokens],
        tokens=[each.token for each in tokens],
        bits=[rounded(each.surprisal) for each in tokens],
        entropies=[rounded(each.entropy) for each in tokens],
        ranks=[each.rank or 0 for each in tokens],
        ratios=[_ratio(each) for each in tokens],
        guesses=[list(each.guesses) for each in tokens],
        shares=[[rounded(share) or 0.0 for share in each.guess_probabilities] for each in tokens],
    )


def _ratio(token: TokenScore) -> float | None:
    """p / p of the likeliest, which the likeliest itself is made with in another order of sums."""
    if token.rank == 1:
        return 1.0
    return rounded(math.exp(token.log_probability) / token.guess_probabilities[0])


def rounded(value: float) -> float | None:
    """To seven digits, more than the page shows; None for what is not finite."""
    found = finite(value)
    return None if found is None else float(f"{found:.7g}")
