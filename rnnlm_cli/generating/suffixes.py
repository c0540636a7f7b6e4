"""A text's suffix array: where any run of words stands in it, found by bisection."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rnnlm_cli.arrays import Ids, Mask
from rnnlm_cli.machine import need
from rnnlm_cli.watching import Progress, unseen

_BYTES = 90  # of a token, while the array is made; the array itself takes 4, and the text 4


class SuffixArray:
    """All suffixes of the text `ids` (T,) in their order (Manber and Myers 1993).

    Made by prefix doubling: what is sorted by its first k words is, by the places of the suffixes k
    words on, sorted by 2k; a suffix that no other begins like is done. Few runs of words come twice
    and are long, so most are done by 8 words. It takes 90 bytes a token.
    """

    def __init__(self, ids: Ids, progress: Progress = unseen) -> None:
        """`progress` is called with the number of suffixes whose place has just been found.

        Raises ConfigError where it cannot fit in memory.
        """
        need("sorting the training text", {"suffixes": _BYTES * len(ids)}, "use a shorter text")
        # An end that comes before all words: no suffix then begins another one.
        self._text = np.append(ids.astype(np.int32), np.int32(-1))
        self._order = _sorted_suffixes(ids, progress)

    def __len__(self) -> int:
        return len(self._order)

    @property
    def order(self) -> Ids:
        """Where the suffixes begin, in their order (T,)."""
        return self._order

    def longest_matches(self, texts: Sequence[Ids]) -> list[Ids]:
        """For each of `texts`, at each of its places, how long a run from there stands in the text.

        All places of all texts are looked for at once, word after word.
        """
        wanted = np.concatenate([np.append(ids, -2) for ids in texts]).astype(np.int32)
        places: Ids = np.arange(len(wanted))
        low: Ids = np.zeros(len(wanted), np.int64)
        high: Ids = np.full(len(wanted), len(self), np.int64)
        lengths = np.zeros(len(wanted), np.int32)
        k = 0  # words that all suffixes between low and high share with what is wanted
        while len(places):
            words = wanted[places + k]
            low, high = self._first(low, high, k, words), self._first(low, high, k, words + 1)
            found = (low < high) & (words >= 0)
            places, low, high = places[found], low[found], high[found]
            k += 1
            lengths[places] = k
        ends = np.cumsum([len(ids) + 1 for ids in texts])
        return [lengths[end - len(ids) - 1 : end - 1] for end, ids in zip(ends, texts, strict=True)]

    def _first(self, low: Ids, high: Ids, k: int, words: Ids) -> Ids:
        """The first suffix from `low` to `high` whose word k is not below `words`; all are (n,)."""
        low, high = low.copy(), high.copy()
        while (open_ := low < high).any():
            middle = np.where(open_, (low + high) // 2, 0)
            at = np.minimum(self._order[middle] + k, len(self))
            below: Mask = open_ & (self._text[at] < words)
            low = np.where(below, middle + 1, low)
            high = np.where(open_ & ~below, middle, high)
        return low


def _sorted_suffixes(ids: Ids, progress: Progress) -> Ids:
    """Where the suffixes of `ids` (T,) begin, in their order (T,)."""
    T, k = len(ids), 1
    order = np.argsort(ids, kind="stable")
    ranks = np.zeros(T + 1, np.int64)  # 0: behind the end
    places = np.arange(T)  # in the order, of the suffixes that are not done
    keys: NDArray[np.int64] = ids[order].astype(np.int64)
    while len(places):
        # 1. equal keys: a rank is the place of the first suffix of that key, from 1 on
        begins = np.append(True, keys[1:] != keys[:-1])
        firsts = np.maximum.accumulate(np.where(begins, places, 0))
        ranks[order[places]] = firsts + 1
        # 2. a key of its own: that suffix is done
        alone = begins & np.append(begins[1:], True)
        progress(int(alone.sum()))
        places = places[~alone]
        # 3. the others by rank, then by that of the suffix k words on
        suffixes = order[places]
        keys = ranks[suffixes] * (T + 1) + ranks[np.minimum(suffixes + k, T)]
        sorting = np.argsort(keys, kind="stable")
        order[places], keys = suffixes[sorting], keys[sorting]
        k *= 2
    return order.astype(np.int32)
