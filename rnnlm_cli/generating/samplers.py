"""From the scores of the next words to one of them: a chain of samplers, then a draw.

A sampler takes an array (..., V), may overwrite it, and gives one back: scores first, from
`tempered` on shares, which are in proportion to p.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np

from rnnlm_cli.arrays import Doubles, Floats, Ids
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.settings.sample import SampleConfig

Sampler = Callable[[Floats], Floats]

_MILD = 1e-30, 1e30  # temperatures between these have an inverse that float32 holds
_BLOCK = 128  # words whose shares are summed before one of them is looked for


def samplers(config: SampleConfig, banned: Collection[int] = ()) -> list[Sampler]:
    """What `config` asks for, in order: banned ids first, so what is left keeps its proportions.

    They raise CheckpointError where the best score is no number.
    """
    chain = [without(banned)] if banned else []
    chain.append(tempered(config.temperature))
    if cuts := _cuts(config):
        chain.append(ranked(cuts))
    if config.min_p:
        chain.append(min_p(config.min_p))
    if config.typical_p is not None and config.typical_p < 1:
        chain.append(typical(config.typical_p))
    return chain


def arrays_of_scores(config: SampleConfig) -> int:
    """How many arrays (N, V) of float32 the chain takes: scores and shares, and to sort them."""
    if config.typical_p is not None and config.typical_p < 1:
        return 18
    return 10 if _cuts(config) else 2


def _cuts(config: SampleConfig) -> list[Sampler]:
    """What ranked shares lose."""
    cuts = [top_k(config.top_k)] if config.top_k is not None else []
    return cuts + ([top_p(config.top_p)] if config.top_p is not None and config.top_p < 1 else [])


def through(chain: Sequence[Sampler], array: Floats) -> Floats:
    """`array` (..., V), overwritten, as it comes out of `chain`; raises what that raises."""
    for sampler in chain:
        array = sampler(array)
    return array


def check_are_numbers(best: Floats) -> None:
    """Raises CheckpointError where one of the `best` scores is no number."""
    if not np.isfinite(best).all():
        raise CheckpointError(
            "the model's scores are beyond all numbers: its weights are too large to draw "
            "words, so use another model"
        )


def without(banned: Collection[int]) -> Sampler:
    """Scores under which the ids `banned` have no share."""
    ids = list(banned)

    def ban(scores: Floats) -> Floats:
        scores[..., ids] = -np.inf
        return scores

    return ban


def tempered(temperature: float) -> Sampler:
    """Scores to shares at a temperature; at 0 all goes to the best. Raises CheckpointError."""

    def share(scores: Floats) -> Floats:
        top = scores.max(axis=-1, keepdims=True)
        check_are_numbers(top)
        scores -= top
        if not temperature:
            best = scores.argmax(axis=-1)
            return np.asarray(np.arange(scores.shape[-1]) == best[..., None], scores.dtype)
        if temperature != 1:
            with np.errstate(over="ignore"):  # all but the best may become -inf
                if _MILD[0] < temperature < _MILD[1]:
                    scores *= 1 / temperature
                else:
                    scores = scores.astype(np.float64) / temperature
        return np.exp(scores, out=scores)

    return share


def ranked(cuts: Sequence[Sampler]) -> Sampler:
    """`cuts` of shares that are given to them the greatest first: sorted once for all of them."""

    def cut(shares: Floats) -> Floats:
        order = np.argsort(-shares, axis=-1, kind="stable")
        sorted_shares = through(cuts, np.take_along_axis(shares, order, axis=-1))
        np.put_along_axis(shares, order, sorted_shares, axis=-1)
        return shares

    return cut


def top_k(k: int) -> Sampler:
    """The `k` greatest of ranked shares."""

    def cut(shares: Floats) -> Floats:
        shares[..., k:] = 0
        return shares

    return cut


def top_p(p: float) -> Sampler:
    """The fewest of ranked shares that hold `p` of the mass (nucleus sampling, 1904.09751)."""

    def cut(shares: Floats) -> Floats:
        mass = shares / shares.sum(axis=-1, keepdims=True, dtype=np.float64)
        shares[mass.cumsum(axis=-1) - mass >= p] = 0
        return shares

    return cut


def min_p(share: float) -> Sampler:
    """The words that have at least this `share` of what the likeliest has (2407.01082)."""

    def cut(shares: Floats) -> Floats:
        shares[shares < share * shares.max(axis=-1, keepdims=True)] = 0
        return shares

    return cut


def typical(mass: float) -> Sampler:
    """The fewest words that hold `mass`, those first whose surprisal is nearest to the entropy.

    Locally typical sampling (2202.00666, section 5): |log p + H| from the least on. Of two words as
    near the likelier one comes first. p and H are those of what the cuts before have left.
    """

    def cut(shares: Floats) -> Floats:
        ps = shares / shares.sum(axis=-1, keepdims=True, dtype=np.float64)
        logs = np.log(ps, out=np.zeros_like(ps), where=ps > 0)
        entropy = -(ps * logs).sum(axis=-1, keepdims=True)
        far = np.where(ps > 0, np.abs(logs + entropy), np.inf)
        order = np.lexsort((-ps, far), axis=-1)
        ranked_ps = np.take_along_axis(ps, order, axis=-1)
        keep = np.empty(ps.shape, bool)
        np.put_along_axis(keep, order, ranked_ps.cumsum(axis=-1) - ranked_ps < mass, axis=-1)
        shares[~keep] = 0
        return shares

    return cut


def draw(shares: Floats, uniform: Doubles) -> Ids:
    """One id per row of shares (N, V) by inverting their cumulative sum at uniform (N,) in [0, 1).

    First the block of words is found, then the word: a cumulative sum over all of V = 10,000 would
    take as long as their exp and their matrix product together.
    """
    N, V = shares.shape
    each = np.arange(N)
    whole = V // _BLOCK * _BLOCK
    # Summed by a product with ones: 16 times as fast as np.add.reduceat with texts side by side.
    sums = np.ones(_BLOCK, shares.dtype) @ shares.T[:whole].reshape(-1, _BLOCK, N)
    sums = np.concatenate([sums, shares.T[whole:].sum(axis=0, keepdims=True)])
    reached = sums.T.cumsum(axis=1, dtype=np.float64)
    places = uniform * reached[:, -1]
    blocks = (reached <= places[:, None]).sum(axis=1)
    places -= np.where(blocks > 0, reached[each, blocks - 1], 0)
    words = blocks[:, None] * _BLOCK + np.arange(_BLOCK)
    inside = np.where(words < V, shares[each[:, None], np.minimum(words, V - 1)], 0)
    inside = inside.cumsum(axis=1, dtype=np.float64)
    # Rounding may leave more to go than the block holds: then it is the last word with a share.
    places = np.minimum(places, np.nextafter(inside[:, -1], 0))
    chosen = (inside <= places[:, None]).sum(axis=1)
    return np.asarray(words[each, chosen], np.int32)
