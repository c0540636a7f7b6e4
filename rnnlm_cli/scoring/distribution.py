"""What a model predicts at a place: the whole distribution of the next word, in a few figures.

entropy  -sum of p log p over all words, before the word is known
rank     1 + how many words are likelier than the one that came
guesses  the likeliest words, with their probabilities
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rnnlm_cli.arrays import Doubles, Floats, Ids, Mask
from rnnlm_cli.model.layers import TimeAffine
from rnnlm_cli.threads import Cores

_BLOCK = 512  # words whose exponentials are summed in float32: the sum of blocks is float64
_PLACES = 256  # that a thread works on at a time
_ROWS = 32  # of these places, whose words are put in order at a time: 12 bytes a score
_ARRAYS = 2  # (V, places) of a thread: the scores, and what is compared with them


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """What was predicted at each of R places, and what came: figures in nats."""

    entropies: Doubles  # (R,)
    ranks: Ids  # (R,) of the word that came, 1 for the likeliest
    guesses: Ids  # (R, K) words, likeliest first
    shares: Doubles  # (R, K) their probabilities

    def part(self, place: slice | Mask) -> Predictions:
        """Those of some of the places."""
        return Predictions(
            self.entropies[place], self.ranks[place], self.guesses[place], self.shares[place]
        )

    @classmethod
    def joined(cls, parts: Sequence[Predictions]) -> Predictions:
        """Those of the places of all `parts`, one after the other."""
        return cls(
            np.concatenate([part.entropies for part in parts]),
            np.concatenate([part.ranks for part in parts]),
            np.concatenate([part.guesses for part in parts]),
            np.concatenate([part.shares for part in parts]),
        )


def prediction_bytes(vocab_size: int, threads: int) -> int:
    """What `predict_places` takes while it works."""
    return 4 * _ARRAYS * vocab_size * _PLACES * threads


def predict_places(
    affine: TimeAffine, hs: Floats, targets: Ids, guesses: int, cores: Cores
) -> Predictions:
    """hs (R, H), what the output layer `affine` reads; targets (R,) -> what was predicted there.

    At most as many `guesses` are made as there are words.
    """
    R, V = len(targets), affine.params["W"].shape[1]
    K = min(guesses, V)
    found = Predictions(
        np.empty(R), np.empty(R, np.int32), np.empty((R, K), np.int32), np.empty((R, K))
    )

    def work(start: int, stop: int) -> None:
        for first in range(start, stop, _PLACES):
            place = slice(first, min(stop, first + _PLACES))
            scores = affine.scores(np.ascontiguousarray(hs[place].T))
            _describe(scores, targets[place], place, found)

    cores.split(work, R, numbers=R * V)
    return found


def _log_totals(scores: Floats) -> tuple[Doubles, Doubles]:
    """scores (V, R) -> log of the sum of their exponentials (R,), and the mean score (R,)."""
    tops = scores.max(axis=0)
    totals, weighted = np.zeros((2, scores.shape[1]))
    for start in range(0, len(scores), _BLOCK):
        block = scores[start : start + _BLOCK] - tops
        exps = np.exp(block)
        totals += exps.sum(axis=0)
        weighted += np.einsum("vr,vr->r", exps, block)
    return np.log(totals) + tops, weighted / totals + tops


def _describe(scores: Floats, targets: Ids, place: slice, found: Predictions) -> None:
    """scores (V, R), targets (R,): fill `place` of `found`."""
    logs, means = _log_totals(scores)
    # 1. -sum of p log p = log total - sum of p y
    found.entropies[place] = np.maximum(logs - means, 0)
    # 2. how many scores are higher
    found.ranks[place] = 1 + (scores > scores[targets, np.arange(len(targets))]).sum(axis=0)
    # 3. the K highest, in order
    if K := found.guesses.shape[1]:
        best = _highest(scores, K)
        found.guesses[place] = best
        chosen = np.take_along_axis(scores.T, best, axis=1)
        found.shares[place] = np.exp(chosen - logs[:, None])


def _highest(scores: Floats, K: int) -> Ids:
    """scores (V, R) -> the words (R, K) with the highest, highest first."""
    best = np.empty((scores.shape[1], K), np.int32)
    for start in range(0, len(best), _ROWS):
        lowered = np.negative(scores.T[start : start + _ROWS], order="C")
        chosen = np.sort(np.argpartition(lowered, K - 1, axis=1)[:, :K], axis=1)
        order = np.argsort(np.take_along_axis(lowered, chosen, axis=1), axis=1, kind="stable")
        best[start : start + _ROWS] = np.take_along_axis(chosen, order, axis=1)
    return best
