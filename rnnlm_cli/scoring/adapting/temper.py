"""The temperature of a trained softmax: how sure it ought to be (Guo et al. 1706.04599).

    p(w) = softmax(ys / temperature)[w]                  ys: the model's scores, or log p(w)

Scores and log-probabilities differ by the log of one total a place, which the new softmax divides
out again. A number of temperatures is tried on the same scores.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rnnlm_cli.arrays import Doubles, Floats, Ids, as_surprisal
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.watching import Progress, unseen

TEMPERATURES = tuple(round(0.8 + 0.05 * step, 2) for step in range(12))  # 0.8 to 1.35, where tuned
_BLOCK = 64  # places whose scores (V, 64) a thread holds at a time


def temper_bytes(vocab_size: int, threads: int) -> int:
    """What `tempered_nats` takes while it works: scores and their exponentials, of a thread."""
    return 2 * 4 * vocab_size * _BLOCK * threads


def tempered_nats(
    model: LanguageModel,
    states: Floats,
    ids: Ids,
    temperatures: Sequence[float],
    progress: Progress = unseen,
) -> Doubles:
    """Surprisal (K, T) of the words `ids` (T,) at K temperatures, in nats.

    states (T, H): what the output layer reads for each. `progress` gets the words just scored.
    """
    T = len(ids)
    nats = np.empty((len(temperatures), T))

    def work(block: int) -> None:
        places = slice(block * _BLOCK, min(T, (block + 1) * _BLOCK))
        ys = model.network.affine.scores(np.ascontiguousarray(states[places].T))
        nats[:, places] = _nats(ys, ids[places], temperatures)
        progress(places.stop - places.start)

    model.cores.deal(work, -(-T // _BLOCK))
    return as_surprisal(nats)


def _nats(ys: Floats, ids: Ids, temperatures: Sequence[float]) -> Doubles:
    """ys (V, R), overwritten; ids (R,) -> surprisal (K, R)."""
    ys -= ys.max(axis=0)
    hit = ys[ids, np.arange(len(ids))].astype(np.float64)
    exps, ones = np.empty_like(ys), np.ones(len(ys), ys.dtype)
    nats = np.empty((len(temperatures), len(ids)))
    for row, temperature in zip(nats, temperatures, strict=True):
        np.multiply(ys, ys.dtype.type(1 / temperature), out=exps)
        totals = ones @ np.exp(exps, out=exps)
        np.subtract(np.log(totals, dtype=np.float64), hit / temperature, out=row)
    return nats
