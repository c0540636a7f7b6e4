"""An interpolated modified Kneser-Ney n-gram model (Chen & Goodman 1998, sections 3 and 4.1.6).

With g = context w of n words, and context' the context without its first word:

    p(w | context) = (c(g) - D(c(g))) / total(context)  +  gamma(context) * p(w | context')
    gamma(context) = (D1 * N1 + D2 * N2 + D3 * N3) / total(context)

c counts how often g came at the highest order, and at the others how many different words came
before it; total is the sum of c over all words after the context, and Nk how many of them have
c = k (N3: 3 and more). D1, D2, D3 are Chen & Goodman's estimates from the counts of counts of an
order. An unseen context has gamma = 1. Below one word is the uniform 1 / V, so every word of the
vocabulary has a share, and all shares add up to 1.

`<eos>` is a word like every other, and contexts go on across it, as an LSTM's stream does: on the
validation split of PTB that has perplexity 147.7, contexts that begin anew with a line 148.0.

Everything is done for all places of a text at once. An n-gram is known by the (n-1)-gram that it
begins with and its last word, packed in one integer; those that occur are a sorted array, and their
places in it are their ids, which the next order packs again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnlm_cli.arrays import Doubles, Ids, Mask

ORDER = 5
COUNT_BYTES = 200  # of a word that is counted, at every order
_FALLBACK = 0.5, 1.0, 1.5  # discounts where a text is too small to estimate any
_LEAST = 0.1  # of a discount: every context leaves something to words that never followed it

_Longs = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class _Order:
    """What is known of all n-grams of one n: sorted keys, (G,) each, and of their C contexts."""

    keys: _Longs  # (G,) id of the context * V + word
    shares: Doubles  # (G,) (c - D) / total
    gammas: Doubles  # (C,)


class KneserNey:
    """The model that was counted in `ids` (T,), of `vocab_size` words V."""

    def __init__(self, ids: Ids, vocab_size: int, order: int = ORDER) -> None:
        self._V = vocab_size
        keys, counts = _count(ids, vocab_size, order)
        contexts = [1, *map(len, keys)]
        self._orders = [
            _estimate(*counted, vocab_size)
            for counted in zip(keys, counts, contexts[:-1], strict=True)
        ]

    def probabilities(self, ids: Ids, *, before: int) -> Doubles:
        """ids (T,) -> p (T,) of each word after all before it, the first one after `<eos>`."""
        words = np.concatenate([[before], ids]).astype(np.int64)
        p = np.full(len(ids), 1 / self._V)
        contexts = np.zeros(len(words), np.int64)  # by the place after them; -1: never seen
        for order in self._orders:
            grams, found = _find(order.keys, contexts * self._V + words, contexts >= 0)
            seen = contexts[1:]
            p *= np.where(seen >= 0, order.gammas[seen], 1)
            p += np.where(found[1:], order.shares[grams[1:]], 0)
            contexts = np.concatenate([[-1], np.where(found, grams, -1)[:-1]])
        return p


def _count(ids: Ids, vocab_size: int, order: int) -> tuple[list[_Longs], list[_Longs]]:
    """The keys (G,) of all n-grams, for each n up to `order`, and c (G,) of each."""
    keys: list[_Longs] = []
    counts: list[_Longs] = []
    grams = np.zeros(len(ids) + 1, np.int64)  # of no word: one before every word, and one after
    for n in range(1, min(order, len(ids)) + 1):
        # The n-grams end at the places n - 1 .. T - 1, and their contexts one place before.
        shorter = grams
        packed = shorter[:-1] * vocab_size + ids[n - 1 :]
        found, first, grams, times = np.unique(
            packed, return_index=True, return_inverse=True, return_counts=True
        )
        if keys:  # the order below counts one for every different n-gram that ends in its own
            counts[-1] = np.bincount(shorter[1:][first], minlength=len(keys[-1]))
        keys.append(found)
        counts.append(times)
    return keys, counts


def _find(keys: _Longs, wanted: _Longs, possible: Mask) -> tuple[_Longs, Mask]:
    """The place (T,) in sorted keys (G,) of each of `wanted` (T,), and whether it is there."""
    places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return places, possible & (keys[places] == wanted)


def _estimate(keys: _Longs, counts: _Longs, contexts: int, vocab_size: int) -> _Order:
    """keys, counts (G,) of one order -> its shares and gammas; C contexts of the order below."""
    context = keys // vocab_size
    totals = np.bincount(context, weights=counts, minlength=contexts)
    discounts = np.concatenate([[0.0], _discounts(counts)])[np.minimum(counts, 3)]
    taken = np.bincount(context, weights=discounts, minlength=contexts)
    # What begins the text has no word before it, so it may be the only one and count for nothing.
    empty = totals == 0
    totals[empty] = 1
    return _Order(keys, (counts - discounts) / totals[context], np.where(empty, 1, taken / totals))


def _discounts(counts: _Longs) -> Doubles:
    """D1, D2 and D3 (3,) for what was counted once, twice and more often.

    With nk n-grams of count k: Dk = k - (k + 1) * Y * n(k+1) / nk, Y = n1 / (n1 + 2 * n2)
    """
    n1, n2, n3, n4 = np.bincount(np.minimum(counts, 5), minlength=6)[1:5].astype(float)
    if not min(n1, n2, n3):
        return np.array(_FALLBACK)
    Y = n1 / (n1 + 2 * n2)
    found = np.array([1 - 2 * Y * n2 / n1, 2 - 3 * Y * n3 / n2, 3 - 4 * Y * n4 / n3])
    clipped: Doubles = np.clip(found, _LEAST, [1, 2, 3])
    return clipped
