"""Where the clusters of a split softmax begin: the edges that cost least, by fixed constants.

The cost model of Grave et al. (1609.04309, section 4.2), with constants that were measured once and
for all: what is chosen depends on the counts of the words and the places of a step alone, never on
a clock, so that a run is the same on every machine. The unit is what one word of the head costs at
one of the R places of a step:

    the head       (K + C) * R            K words, and the C branches that compete with them
    each cluster   V' * r * 4/3 + o       V' words at the r places with a target among them

To fetch the weights costs the same wherever they are. All numbers are whole: no rounding decides.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnlm_cli.arrays import Ids

_NARROW = 4, 3  # how much dearer a word at a place is where the places are few
_CLUSTER = 50_000  # o: as dear as to gather the places of a cluster, and to scatter what comes back
_MOST = 4  # clusters behind the head: with six a step was at most a tenth faster
_STEPS = 10, 12, 15, 20, 25, 30, 40, 50, 60, 80  # edges are such numbers, times powers of ten


class _Split(NamedTuple):
    cost: int
    edges: tuple[int, ...]


def cheapest_edges(counts: Ids, places: int) -> tuple[int, ...]:
    """The edges of the split softmax that costs least, which has at least one branch.

    counts (V,): how often each word stands in the training text; `places`: those of a step.
    """
    V, seen = len(counts), np.sort(counts)[::-1].cumsum(dtype=np.int64)
    tokens = int(seen[-1])
    before = {edge: int(seen[edge - 1]) for edge in (*_candidates(V), V)}

    def cluster(start: int, stop: int) -> int:
        """What a step takes for it, times the tokens of the text."""
        dearer, than = _NARROW
        products = (stop - start) * (before[stop] - before[start]) * places
        return products * dearer // than + _CLUSTER * tokens

    def best_from(start: int, rest: dict[int, _Split]) -> _Split:
        """The cheapest way to cut all words from `start` on, in one cluster more than in `rest`."""
        return min(
            _Split(cluster(start, stop) + found.cost, (start, *found.edges))
            for stop, found in rest.items()
            if start < stop
        )

    # The cheapest way to cut the words from each edge on, in 0, 1, 2 ... clusters.
    ways = {V: _Split(0, ())}
    whole = list[_Split]()
    for _ in range(_MOST):
        ways = {start: best_from(start, ways) for start in _candidates(V) if start < max(ways)}
        whole += (
            _Split(found.cost + (start + len(found.edges)) * places * tokens, found.edges)
            for start, found in ways.items()
        )
    return min(whole).edges


def zipf_counts(V: int) -> Ids:
    """(V,) what to expect of a text that nothing is known of: the r-th word 1/r as often as the
    first."""
    return np.asarray(10**9 // np.arange(1, V + 1))


def _candidates(V: int) -> list[int]:
    """Where a cluster may begin: about ten numbers a decade, which a person can read."""
    found = (step * 10**power for power in range(len(str(V))) for step in _STEPS)
    return [edge for edge in found if edge < V]
