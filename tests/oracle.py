"""A second implementation of the models, without noise: no layer, no backward, no buffer.

Its gradients are imaginary parts: that of loss(p + i s d) / s for a tiny s is exact to the last
digits, since nothing is subtracted (Squire & Trapp 1998).
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from rnnlm_cli.arrays import Floats, Ids
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.settings.model import ModelConfig

Named = dict[str, Floats]
States = list[tuple[Floats, Floats]]  # h, c of every LSTM
_STEP = 1e-30


def arrays_of(model: LanguageModel) -> Named:
    """The model's parameters in float64, each number once: tied ones are the embedding's."""
    named: Named = {name: p.astype(np.float64) for name, p in model.named_params().items()}
    if model.config.tied:
        del named["affine.W"]
    return named


def gradients_of(model: LanguageModel) -> Named:
    """The model's gradients by the names of `arrays_of`."""
    named = dict(model.network.grads.named)
    if model.config.tied:
        del named["affine.W"]
    return named


def loss_by_hand(p: Named, config: ModelConfig, xs: Ids, ts: Ids, states: States) -> tuple:  # type: ignore[type-arg]
    """Mean nats a token, penalties, and the states at the end; for complex arrays too."""
    hs, ends = p["embedding.W"][xs], []
    for k, (h, c) in enumerate(states, start=1):
        below, outputs = hs, []
        for t in range(xs.shape[1]):
            a = below[:, t] @ p[f"lstm{k}.Wx"] + h @ p[f"lstm{k}.Wh"] + p[f"lstm{k}.b"]
            f, g, i, o = np.split(a, 4, axis=1)
            c = c / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
            h = np.tanh(c) / (1 + np.exp(-o))
            outputs.append(h)
        hs = np.stack(outputs, axis=1)
        if config.skip and k > 1 and hs.shape == below.shape:
            hs = hs + below
        ends.append((h, c))
    if config.projection:
        hs = hs @ p["projection.W"] + p["projection.b"]
    penalties = config.ar * (hs**2).mean()
    if config.tar:
        penalties += config.tar * (np.diff(hs, axis=1) ** 2).mean()
    W = p["embedding.W"].T if config.tied else p["affine.W"]
    log_ps = log_softmax(hs @ W + p["affine.b"])
    if C := len(config.edges):
        K, words = config.edges[0], len(p["affine.b"])
        ys, s = hs @ W + p["affine.b"], hs @ p["affine.w"].reshape(-1, C) + p["affine.c"]
        head = log_softmax(np.concatenate([ys[..., :K], s], axis=-1))
        parts = [head[..., :K]]
        for branch, (start, stop) in enumerate(pairwise((*config.edges, words)), K):
            parts.append(head[..., branch, None] + log_softmax(ys[..., start:stop]))
        log_ps = np.concatenate(parts, axis=-1)
    return -np.take_along_axis(log_ps, ts[..., None], axis=-1).mean(), penalties, ends


def log_softmax(ys: Floats) -> Floats:
    """log softmax of the last axis, complex or not."""
    shifted = ys - ys.real.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


def cold(config: ModelConfig, p: Named, streams: int) -> States:
    """The states before the first word."""
    units = [p[f"lstm{k}.Wh"].shape[0] for k in range(1, config.layers + 1)]
    return [(np.zeros((streams, H)), np.zeros((streams, H))) for H in units]


def slope_by_hand(
    p: Named, d: Named, config: ModelConfig, xs: Ids, ts: Ids, states: States
) -> float:
    """The derivative of loss and penalties along `d`, which may lack arrays."""
    moved = {name: a + 1j * _STEP * d[name] if name in d else a for name, a in p.items()}
    nats, penalties, _ = loss_by_hand(moved, config, xs, ts, states)
    return float((nats + penalties).imag / _STEP)
