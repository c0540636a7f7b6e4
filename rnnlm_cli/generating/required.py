"""How much of what must come the texts that are drawn side by side have."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rnnlm_cli.arrays import Ids


class Required:
    """Follows N texts word by word: which phrases, each of one word or several, they have.

    A phrase counts wherever it stands, whole, and from then on. Of one that a text has not had,
    the words that its end has of it count: as many as may still become the phrase (the automaton of
    Knuth, Morris and Pratt).
    """

    def __init__(self, phrases: Sequence[Sequence[int]], V: int, N: int) -> None:
        self._next = [_automaton(phrase, V) for phrase in phrases]
        self._had: Ids = np.zeros((len(phrases), N), np.int32)
        self.size = sum(map(len, phrases))  # words that a text which has all of them counts

    def counts(self) -> Ids:
        """(N, V): how many words count in each text, were it to go on with each word."""
        V = self._next[0].shape[1]
        counts = np.zeros((self._had.shape[1], V), np.int32)
        for after, had in zip(self._next, self._had, strict=True):
            counts += after[had]
        return counts

    def select(self, rows: Ids) -> None:
        """Let text n go on from where text `rows[n]` is, rows (N,)."""
        self._had = self._had[:, rows]

    def feed(self, ids: Ids) -> None:
        """ids (N,) of the next words."""
        for after, had in zip(self._next, self._had, strict=True):
            had[...] = after[had, ids]


def _automaton(phrase: Sequence[int], V: int) -> Ids:
    """(words had, V) -> words had then; all of them stay."""
    after = np.zeros((len(phrase) + 1, V), np.int32)
    restart = 0  # where the text would be that has no first word of the phrase
    for had, word in enumerate(phrase):
        if had:
            after[had] = after[restart]
            restart = after[restart, word]
        after[had, word] = had + 1
    after[-1] = len(phrase)
    return after
