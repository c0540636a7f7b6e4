"""The edges that the cost model chooses."""

from itertools import combinations, pairwise

import numpy as np
import pytest

from rnnlm_cli.arrays import Ids
from rnnlm_cli.training import clusters
from rnnlm_cli.training.clusters import cheapest_edges, zipf_counts


def cost(counts: Ids, places: int, edges: tuple[int, ...]) -> float:
    """As the docstring has it, of a step."""
    V, shares = len(counts), counts / counts.sum()
    behind = sum(
        (stop - start) * places * shares[start:stop].sum() * 4 / 3 + 50_000
        for start, stop in pairwise((*edges, V))
    )
    return float((edges[0] + len(edges)) * places + behind)


@pytest.mark.parametrize(("V", "places"), [(90, 640), (130, 20_000), (130, 700_000)])
def test_of_all_splits_the_cheapest_is_chosen(V: int, places: int) -> None:
    counts = np.random.default_rng(V).permutation(zipf_counts(V) % 10**6 + 1)
    frequent = np.sort(counts)[::-1]
    edges = [e for e in (10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120) if e < V]
    every = [each for C in (1, 2, 3) for each in combinations(edges, C)]
    best = min(every, key=lambda each: cost(frequent, places, each))
    found = cheapest_edges(counts, places)
    assert cost(frequent, places, found) <= cost(frequent, places, best) * (1 + 1e-9)


def test_edges_depend_on_counts_and_places_alone_and_can_be_read() -> None:
    assert cheapest_edges(zipf_counts(50_000), 640) == (600, 5_000, 15_000, 30_000)
    assert cheapest_edges(zipf_counts(500_000), 640) == (6_000, 50_000, 150_000, 300_000)
    # Where all words are as frequent, none is worth a place in the head of every step.
    assert cheapest_edges(np.ones(10_000, np.int64), 640) == (10, 2_500, 5_000, 8_000)


def test_a_cluster_more_is_taken_where_it_pays_for_itself() -> None:
    numbers = [len(cheapest_edges(zipf_counts(V), 640)) for V in (300, 3_000, 300_000)]
    assert numbers == sorted(numbers)
    assert numbers[0] < numbers[-1] <= clusters._MOST
    assert len(cheapest_edges(zipf_counts(50_000), 1)) == 1  # with one place a step nothing does
