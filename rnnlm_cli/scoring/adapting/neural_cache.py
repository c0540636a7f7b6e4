"""The neural cache: what came after states like this one is likely (Grave et al. 1612.04426).

    p(w | t) = sum of exp(theta * h_t · h_i) over i with w_i = w  /  the same sum over all i

i goes through the last `window` places before t; h_i (H,) is what the output layer read to predict
w_i. Before the first word there is nothing to remember: there p(w) = 1 / V.

A chunk of places is one GEMM with all states that it may look back to:

    places of the chunk  t          scores (C, C + window), of which each row has a band:
    states looked at     i = t - window .. t - 1

and the bands, one step to the right in every row, are one strided view (C, window).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.lib.stride_tricks import as_strided

from rnnlm_cli.arrays import Doubles, Floats, Ids, Mask
from rnnlm_cli.threads import Cores
from rnnlm_cli.watching import Progress, unseen

Banded = TypeVar("Banded", Floats, Mask)

_CHUNK = 128  # places a GEMM
_THETAS = 1e-30, 1e30  # all states count alike, and only the likest: float32 ends beyond


def cache_bytes(windows: Sequence[int], threads: int) -> int:
    """What the cache takes at its widest window, a chunk a thread: 4 arrays (chunk, window)."""
    return 16 * _CHUNK * max(windows) * threads


def cache_log_probs(
    states: Floats,
    ids: Ids,
    *,
    windows: Sequence[int],
    thetas: Sequence[float],
    vocab_size: int,
    cores: Cores,
    progress: Progress = unseen,
) -> Doubles:
    """log p (windows, thetas, T) of every word of ids (T,), under every window and theta.

    states (T, H): what the output layer read for each word. -inf for a word the cache has not.
    """
    T, widest = len(ids), min(max(windows), len(ids))
    widths = [min(window, widest) for window in windows]
    words = np.concatenate([np.full(widest, -1, ids.dtype), ids])  # before the text: no word
    log_probs = np.empty((len(windows), len(thetas), T))

    def work(chunk: int) -> None:
        places = slice(chunk * _CHUNK, min(T, (chunk + 1) * _CHUNK))
        band, hits = _bands(states, words, places, widest)
        for index, theta in enumerate(thetas):
            log_probs[:, index, places] = _log_shares(band, hits, widths, theta)
        progress(places.stop - places.start)

    cores.deal(work, -(-T // _CHUNK))
    log_probs[:, :, 0] = -np.log(vocab_size)
    return log_probs


def _bands(states: Floats, words: Ids, places: slice, window: int) -> tuple[Floats, Mask]:
    """For C places: products h_t · h_i less the greatest of a row (C, window), and w_t = w_i.

    states (T, H); words (window + T,), of which the first `window` are none.
    """
    first = places.start - window
    lack = max(0, -first)  # places before the text, which have no weight
    products = np.full((places.stop - places.start, places.stop - 1 - first), -np.inf, states.dtype)
    products[:, lack:] = states[places] @ states[first + lack : places.stop - 1].T
    band = _diagonal(products, window)
    with np.errstate(invalid="ignore"):  # the first word of a text has nothing to look back to
        band = band - band.max(axis=1, keepdims=True)
    seen = words[places.start : places.stop + window - 1]
    now = words[places.start + window : places.stop + window]
    return band, _diagonal(now[:, None] == seen, window)


def _diagonal(scores: Banded, window: int) -> Banded:
    """(C, C + window - 1) -> the view (C, window) whose row r begins at column r."""
    down, right = scores.strides
    shape = (len(scores), window)
    return as_strided(scores, shape, (down + right, right), writeable=False)


def _log_shares(band: Floats, hits: Mask, widths: Sequence[int], theta: float) -> Floats:
    """log of the share (windows, C) that hits have in the exponentials of a row's last places.

    0 is the share in a narrow window whose scores are all too far below those of the widest.
    """
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        exps = np.exp(band * band.dtype.type(np.clip(theta, *_THETAS)))
        hit = np.where(hits, exps, 0)
        sums = ((part[:, -w:].sum(axis=1) for part in (hit, exps)) for w in widths)
        return np.stack([np.log(np.where(total > 0, part / total, 0)) for part, total in sums])
