"""The book's equations and nothing else: no layer, no backward, no buffer, no state that is kept.

Everything may have one axis more in front, in which a weight stands once for every number that is
to be learnt, each time with another of them moved a little into the imaginary: what the loss then
has there is its slope, exact to the last digits (Squire & Trapp 1998).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from rnnlm_cli.arrays import Floats, Ids

Params = list[Floats]
Loss = Callable[[Params, Any, Any], tuple[Floats, Any]]  # params, batch, state -> loss, next state
_STEP = 1e-30


def embedded(W: Floats, ids: Ids) -> Floats:
    return W[..., ids, :]


def sigmoid(a: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-a)))


def rnn(xs: Floats, h: Floats, Wx: Floats, Wh: Floats, b: Floats) -> tuple[Floats, Floats]:
    """hs and the last h (section 5.3)."""
    hs = []
    for t in range(xs.shape[-2]):
        h = np.tanh(h @ Wh + xs[..., t, :] @ Wx + b[..., None, :])
        hs.append(h)
    return np.stack(hs, axis=-2), h


def lstm(
    xs: Floats, h: Floats, c: Floats, Wx: Floats, Wh: Floats, b: Floats
) -> tuple[Floats, Floats, Floats]:
    """hs and the last h and c (section 6.2)."""
    hs = []
    for t in range(xs.shape[-2]):
        f, g, i, o = np.split(xs[..., t, :] @ Wx + h @ Wh + b[..., None, :], 4, axis=-1)
        c = sigmoid(f) * c + np.tanh(g) * sigmoid(i)
        h = sigmoid(o) * np.tanh(c)
        hs.append(h)
    return np.stack(hs, axis=-2), h, c


def affine(hs: Floats, W: Floats, b: Floats) -> Floats:
    return np.asarray(hs @ W[..., None, :, :] + b[..., None, None, :])


def softmax(ys: Floats) -> Floats:
    exps = np.exp(ys - ys.real.max(axis=-1, keepdims=True))
    return np.asarray(exps / exps.sum(axis=-1, keepdims=True))


def mean_nats(ys: Floats, ts: Ids) -> Floats:
    """ys (..., N, T, V), ts (N, T) or -1 -> the mean over what is scored (section 5.4.2)."""
    N, T = ts.shape
    ps = softmax(ys)[..., np.arange(N)[:, None], np.arange(T), np.maximum(ts, 0)]
    return np.asarray(-(np.log(ps) * (ts >= 0)).sum(axis=(-2, -1)) / (ts >= 0).sum())


def gradients(loss: Loss, params: Params, batch: Any, state: Any) -> Params:
    """Of every array of `params`."""
    flat = np.concatenate([param.ravel() for param in params])
    ends = np.cumsum([param.size for param in params])[:-1]
    moved = np.split(flat + 1j * _STEP * np.eye(len(flat)), ends, axis=1)
    shaped = [part.reshape(-1, *p.shape) for part, p in zip(moved, params, strict=True)]
    slopes = np.split(loss(shaped, batch, state)[0].imag / _STEP, ends)
    return [slope.reshape(p.shape) for slope, p in zip(slopes, params, strict=True)]


def train(
    loss: Loss, params: Params, batches: Sequence[Any], *, lr: float, max_grad: float
) -> list[float]:
    """Clipped SGD (sections 6.1.4 and 6.4), in place; the loss of every batch before its step."""
    state, losses = None, []
    for batch in batches:
        value, after = loss(params, batch, state)
        grads = gradients(loss, params, batch, state)
        norm = np.sqrt(sum((grad**2).sum() for grad in grads))
        for param, grad in zip(params, grads, strict=True):
            param -= lr * grad * min(1, max_grad / (norm + 1e-6))
        losses.append(float(value))
        state = after
    return losses
