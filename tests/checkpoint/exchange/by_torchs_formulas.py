"""What torch documents of nn.Embedding, nn.LSTM and nn.Linear, in NumPy and float64."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from rnnlm_cli.arrays import Doubles, Ids
from rnnlm_cli.settings.model import ModelConfig
from tests.oracle import log_softmax


def sigmoid(a: Doubles) -> Doubles:
    return np.asarray(1 / (1 + np.exp(-a)))


def lstm(xs: Doubles, p: dict[str, Doubles], at: str) -> Doubles:
    """A layer, batch first, from zero: gates i, f, g, o, of W_ih x + b_ih + W_hh h + b_hh."""
    W_ih, W_hh, b_ih, b_hh = (
        p[at.format(each)] for each in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    h = c = np.zeros((len(xs), W_hh.shape[1]))
    hs = []
    for t in range(xs.shape[1]):
        a = xs[:, t] @ W_ih.T + b_ih + h @ W_hh.T + b_hh
        i, f, g, o = np.split(a, 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        hs.append(h)
    return np.stack(hs, axis=1)


def linear(xs: Doubles, p: dict[str, Doubles], name: str) -> Doubles:
    """xs @ weight.T + bias"""
    return np.asarray(xs @ p[f"{name}.weight"].T + p[f"{name}.bias"])


def log_probabilities(p: dict[str, Doubles], config: ModelConfig, ids: Ids) -> Doubles:
    """ids (N, T) -> log p of each next word (N, T, V)."""
    hs = p["encoder.weight"][ids]
    for k in range(config.layers):
        one = "rnn.weight_ih_l0" in p
        ys = lstm(hs, p, f"rnn.{{}}_l{k}" if one else f"rnn.{k}.{{}}_l0")
        hs = ys + hs if config.skip and k and ys.shape == hs.shape else ys
    if config.projection:
        hs = linear(hs, p, "projection")
    ys = linear(hs, {"decoder.weight": p["encoder.weight"]} | p, "decoder")
    if not config.edges:
        return log_softmax(ys).astype(np.float64)
    K, edges = config.edges[0], (*config.edges, ys.shape[-1])
    head = log_softmax(np.concatenate([ys[..., :K], linear(hs, p, "branch")], axis=-1))
    behind = [
        head[..., K + i, None] + log_softmax(ys[..., start:stop])
        for i, (start, stop) in enumerate(pairwise(edges))
    ]
    return np.concatenate([head[..., :K], *behind], axis=-1, dtype=np.float64)
