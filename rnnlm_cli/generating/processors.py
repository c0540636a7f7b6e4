"""What the words of a text so far say of its next one.

A rule takes scores (N, V), which it may overwrite, and words (N, t), and gives scores. It keeps
nothing from one word to the next: to go back in a text, give it fewer words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from rnnlm_cli.arrays import Floats, Ids
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.settings.sample import SampleConfig

Rule = Callable[[Floats, Ids], Floats]


class TextSoFar:
    """The words of N texts, which begin alike, with room for `more`."""

    def __init__(self, begun: Sequence[int], more: int, N: int) -> None:
        self._words = np.empty((N, len(begun) + more), np.int32)
        self._words[:, : len(begun)] = begun
        self._t = len(begun)

    @property
    def words(self) -> Ids:
        """(N, t): a view, good until the next `select`."""
        return self._words[:, : self._t]

    def append(self, ids: Ids) -> None:
        """ids (N,) of the next words."""
        self._words[:, self._t] = ids
        self._t += 1

    def select(self, rows: Ids) -> None:
        """Let text n be what text `rows[n]` is, rows (N,)."""
        self.words[...] = self.words[rows]


def rules(config: SampleConfig, eos_id: int | None = None) -> list[Rule]:
    """What `config` asks for; line ends, if there is an `eos_id`, are free of the penalty."""
    asked: list[Rule] = []
    if config.repetition_penalty > 1:
        asked.append(less_repeated(config.repetition_penalty, eos_id))
    if config.no_repeat_ngram is not None:
        asked.append(without_repeats(config.no_repeat_ngram))
    return asked


def ruled(scores: Floats, words: Ids, rules: Sequence[Rule]) -> Floats:
    """scores (N, V), overwritten, of texts of `words` (N, t) -> what the rules leave of them."""
    for rule in rules:
        scores = rule(scores, words)
    return scores


def less_repeated(penalty: float, eos_id: int | None = None) -> Rule:
    """Of the words that a text has: x / penalty of a score x above 0, x * penalty below.

    CTRL (1909.05858, section 4.1) divides; a score below 0 would gain by that.
    """

    def lower(scores: Floats, words: Ids) -> Floats:
        rows = np.arange(len(words))[:, None]
        found = scores[rows, words]
        lowered = np.where(found > 0, found / penalty, found * penalty)
        if eos_id is not None:
            lowered = np.where(words == eos_id, found, lowered)
        scores[rows, words] = lowered
        return scores

    return lower


def without_repeats(n: int) -> Rule:
    """No word that would make the last `n` of a text a run that it has had (1705.04304, 2.5)."""

    def ban(scores: Floats, words: Ids) -> Floats:
        places = words.shape[1] - n + 1  # of the runs so far
        if places < 1:
            return scores
        last = words[:, words.shape[1] - n + 1 :]
        same = np.ones((len(words), places), bool)
        for k in range(n - 1):
            same &= words[:, k : k + places] == last[:, k : k + 1]
        texts, begins = np.nonzero(same)
        scores[texts, words[texts, begins + n - 1]] = -np.inf
        return scores

    return ban


def check_a_word_is_left(best: Floats, words: int) -> None:
    """Raises ConfigError where the rules leave a text, of so many `words`, none to go on with.

    best (...): the highest score that each of the texts has.
    """
    if (best == -np.inf).any():
        raise ConfigError(
            f"after {words:,} words none may follow, so much is forbidden by --no-repeat-ngram and "
            "--repetition-penalty: use a larger --no-repeat-ngram, a smaller penalty, or a smaller "
            "--length"
        )
