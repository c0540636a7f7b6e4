"""Mixing what several models say of a text, with weights found by expectation maximisation.

    p(w) = sum over k of weights[k] * p_k(w)                    (Jelinek & Mercer 1980)

Of each model k only the probability of the word that came is needed. The weights that make a text
likeliest are found by repeating

    share[k, t] = weights[k] * p_k(w_t) / p(w_t)                E: how much of word t is of model k
    weights[k]  = the mean of share[k, t] over the text         M

which never makes the text less likely (Dempster, Laird & Rubin 1977). Probabilities come as their
logarithms (K, T), K models and T words, so that none is too small to be told from zero.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rnnlm_cli.arrays import Doubles

_ROUNDS = 200
_GAIN = 1e-7  # nats a word: a round that gains less is the last
_DIGITS = 4  # of a weight: it is printed, and given again


def mixed_nats(weights: Doubles, log_probs: Doubles) -> Doubles:
    """weights (K,), log_probs (K, T) -> surprisal (T,) of each word in nats."""
    with np.errstate(divide="ignore"):  # a weight of zero is no part of the mixture
        return np.asarray(-np.logaddexp.reduce(np.log(weights)[:, None] + log_probs, axis=0))


def em_weights(log_probs: Doubles) -> Iterator[Doubles]:
    """log_probs (K, T) -> the weights (K,) before every round, from equal ones, without end."""
    weights = np.full(len(log_probs), 1 / len(log_probs))
    # Shares do not change with a factor that all models of a word have in common.
    top = log_probs.max(axis=0)
    probs = np.exp(log_probs - np.where(np.isfinite(top), top, 0))
    while True:
        yield weights
        totals = weights @ probs
        shares = probs[:, totals > 0] / totals[totals > 0]
        if shares.size:
            weights = weights * shares.mean(axis=1)


def fit_weights(log_probs: Doubles) -> tuple[Doubles, float]:
    """log_probs (K, T) -> the weights (K,) of the likeliest mixture, and its nats a word.

    Weights are rounded, and add up to 1 all the same.
    """
    best = np.inf
    for round_number, weights in enumerate(em_weights(log_probs)):
        nats = float(mixed_nats(weights, log_probs).mean())
        if round_number == _ROUNDS or not nats < best - _GAIN:
            break
        best = nats
    weights = rounded(weights)
    return weights, float(mixed_nats(weights, log_probs).mean())


def rounded(weights: Doubles) -> Doubles:
    """`weights` (K,) to a few digits; what rounding leaves over goes to the largest."""
    short = np.round(weights, _DIGITS)
    largest = int(short.argmax())
    short[largest] = np.round(1 - (short.sum() - short[largest]), _DIGITS)
    return np.asarray(short)
