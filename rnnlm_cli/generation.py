"""Drawing ids from a model, one step at a time (book section 7.1)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from rnnlm_cli.config import SampleConfig
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.functions import Array, softmax
from rnnlm_cli.model import Ids, LanguageModel


def next_distribution(
    scores: Array,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    banned: Collection[int] = (),
) -> NDArray[np.float64]:
    """scores (..., V) -> probabilities (..., V) in float64, summing to 1 over the last axis.

    Banned ids get probability 0 first, so what is left keeps its proportions; then temperature
    (0: all mass on the best), the top_k best, and the fewest best that hold top_p of the mass
    (nucleus sampling, 1904.09751).
    """
    scores = scores.astype(np.float64)
    scores[..., list(banned)] = -np.inf
    if temperature == 0:
        best = scores.argmax(axis=-1)
        return np.asarray(np.arange(scores.shape[-1]) == best[..., None], np.float64)
    with np.errstate(over="ignore"):  # at a tiny temperature all but the best become -inf
        ps = softmax((scores - scores.max(axis=-1, keepdims=True)) / temperature)
    if top_k is not None or top_p is not None:
        order = np.argsort(-ps, axis=-1, kind="stable")
        ranked = np.take_along_axis(ps, order, axis=-1)
        if top_k is not None:
            ranked[..., top_k:] = 0
        if top_p is not None:
            mass = ranked / ranked.sum(axis=-1, keepdims=True)
            ranked[mass.cumsum(axis=-1) - mass >= top_p] = 0
        np.put_along_axis(ps, order, ranked, axis=-1)
        ps /= ps.sum(axis=-1, keepdims=True)
    return np.asarray(ps, np.float64)


def draw(ps: NDArray[np.float64], uniform: NDArray[np.float64]) -> Ids:
    """One id per row of ps (N, V) by inverting its cumulative sum at uniform (N,) in [0, 1)."""
    cumulative = ps.cumsum(axis=-1)
    reached = cumulative > (uniform * cumulative[:, -1])[:, None]
    return np.asarray(reached.argmax(axis=-1), np.int32)


def generate(
    model: LanguageModel,
    start: Sequence[int],
    config: SampleConfig,
    *,
    rng: np.random.Generator,
    banned: Collection[int] = (),
    eos_id: int | None = None,
) -> Iterator[Ids]:
    """After the words `start`, yield (samples,) ids up to `config.length` times.

    Every sample has a random stream of its own, spawned from `rng`: sample 3 is the same text
    whether 3 or 30 are drawn. A sample that has ended (`config.stop_at_eos`) yields -1. The model's
    own state is left as it was. Raises ConfigError if `start` is empty or all ids are banned.
    """
    if not len(start):
        raise ConfigError("generation needs at least one start word: give --start")
    if len(set(banned)) >= model.vocab_size:
        raise ConfigError("every word of the vocabulary is banned: skip fewer words")
    rngs = rng.spawn(config.samples)
    state = None
    ids = np.tile(np.asarray(start, np.int32), (config.samples, 1))
    alive = np.ones(config.samples, bool)
    for _ in range(config.length):
        # The state is the model's only while it computes: a caller may use it between two words.
        with model.fresh_state():
            model.state = state
            scores = model.predict(ids)[:, -1]
            state = model.state
        ps = next_distribution(
            scores,
            temperature=config.temperature,
            top_k=config.top_k,
            top_p=config.top_p,
            banned=banned,
        )
        chosen = draw(ps, np.array([r.random() for r in rngs]))
        ids = chosen[:, None].astype(np.int32)
        yield np.where(alive, chosen, -1)
        if config.stop_at_eos:
            alive &= chosen != eos_id
            if not alive.any():
                return
