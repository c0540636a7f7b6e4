"""The baseline: a training step as a textbook writes it, one time step and one layer at a time.

To be read beside the pages (sections 4.1, 5.4.2, 6.3 and 6.5 of *Deep Learning from Scratch 2*) and
beside the layers of rnnlm_cli/model/layers, which compute the same: see docs/book.md. No product is
hoisted out of the loop over time; every step is a layer with gradients of its own, dense ones for
the word vectors; scores, softmax and their gradients are arrays of their own.
"""

from __future__ import annotations

import json
import sys

import numpy as np

from benchmarks.peer import answer_turns
from benchmarks.sizes import SIZES, Size, words
from rnnlm_cli.arrays import Floats, Ids


def _sigmoid(x: Floats) -> Floats:
    y: Floats = 1 / (1 + np.exp(-x))
    return y


class _EmbeddingStep:
    """The word vectors of one step, with a dense gradient of its own (section 4.1)."""

    def __init__(self, W: Floats) -> None:
        self.W, self.dW = W, np.zeros_like(W)

    def forward(self, ids: Ids) -> Floats:
        self.ids = ids
        return self.W[ids]

    def backward(self, dx: Floats) -> None:
        self.dW[...] = 0
        np.add.at(self.dW, self.ids, dx)


class _LSTMStep:
    """One step of an LSTM, with its own cache and gradients; gates f, g, i, o (section 6.3)."""

    def __init__(self, weights: list[Floats]) -> None:
        self.weights = weights
        self.grads = [np.zeros_like(w) for w in weights]

    def forward(self, x: Floats, h: Floats, c: Floats) -> tuple[Floats, Floats]:
        Wx, Wh, b = self.weights
        H = h.shape[1]
        a = np.dot(x, Wx) + np.dot(h, Wh) + b
        f, g = _sigmoid(a[:, :H]), np.tanh(a[:, H : 2 * H])
        i, o = _sigmoid(a[:, 2 * H : 3 * H]), _sigmoid(a[:, 3 * H :])
        c_next = f * c + g * i
        h_next = o * np.tanh(c_next)
        self.cache = x, h, c, f, g, i, o, c_next
        return h_next, c_next

    def backward(self, dh: Floats, dc: Floats) -> tuple[Floats, Floats, Floats]:
        (Wx, Wh, _), (x, h, c, f, g, i, o, c_next) = self.weights, self.cache
        tanh_c = np.tanh(c_next)
        ds = dc + dh * o * (1 - tanh_c**2)
        df = ds * c * f * (1 - f)
        dg = ds * i * (1 - g**2)
        di = ds * g * i * (1 - i)
        do = dh * tanh_c * o * (1 - o)
        da = np.hstack((df, dg, di, do))
        for grad, found in zip(
            self.grads, (np.dot(x.T, da), np.dot(h.T, da), da.sum(axis=0)), strict=True
        ):
            grad[...] = found
        return np.dot(da, Wx.T), np.dot(da, Wh.T), ds * f


class TextbookModel:
    """Word vectors, LSTM layers and an affine output, trained by plain SGD."""

    def __init__(self, size: Size) -> None:
        rng, self.config = np.random.default_rng(0), size.model
        D, H, V = size.model.wordvec_size, size.model.hidden_size, size.vocab_size

        def normal(rows: int, columns: int) -> Floats:
            drawn: Floats = rng.standard_normal((rows, columns)) / np.sqrt(rows)
            return drawn.astype("f")

        self.embedding = (rng.standard_normal((V, D)) / 100).astype("f")
        self.lstms = [
            [normal(D if k == 0 else H, 4 * H), normal(H, 4 * H), np.zeros(4 * H, "f")]
            for k in range(size.model.layers)
        ]
        self.W = self.embedding.T if size.model.tied else normal(H, V)
        self.b = np.zeros(V, "f")
        zeros = np.zeros((size.batch_size, H), "f")
        self.states = [(zeros, zeros) for _ in self.lstms]
        self.rng = rng

    def _dropout(self, xs: Floats) -> tuple[Floats, Floats | None]:
        if not self.config.dropout:
            return xs, None
        keep = 1 - self.config.dropout
        mask = (self.rng.random(xs.shape) < keep).astype("f") / np.float32(keep)
        return xs * mask, mask

    def step(self, xs: Ids, ts: Ids, lr: float = 1.0, max_grad: float = 0.25) -> float:
        """One update for xs, ts (N, T); returns the loss."""
        N, T = xs.shape
        hs = np.empty((N, T, self.embedding.shape[1]), "f")
        words = [_EmbeddingStep(self.embedding) for _ in range(T)]
        for t in range(T):
            hs[:, t] = words[t].forward(xs[:, t])
        steps: list[list[_LSTMStep]] = []
        hs, mask = self._dropout(hs)
        masks = [mask]
        for k, weights in enumerate(self.lstms):
            hs = self._run_lstm(k, weights, hs, steps)
            hs, mask = self._dropout(hs)
            masks.append(mask)
        rows, targets = hs.reshape(N * T, -1), ts.reshape(-1)
        ys = np.dot(rows, self.W) + self.b
        ps = np.exp(ys - ys.max(axis=1, keepdims=True))
        ps /= ps.sum(axis=1, keepdims=True)
        place, scored = np.arange(N * T), targets >= 0
        loss = -float(np.log(ps[place, targets]).mean())
        dys = ps
        dys[place, targets] -= 1
        dys /= scored.sum()
        dys *= scored[:, None]
        dW, db = np.dot(rows.T, dys), dys.sum(axis=0)
        dhs = np.dot(dys, self.W.T).reshape(N, T, -1)
        grads: list[Floats] = []
        for k in reversed(range(len(self.lstms))):
            if masks[k + 1] is not None:
                dhs = dhs * masks[k + 1]
            dhs, sums = self._back_lstm(self.lstms[k], dhs, steps[k])
            grads = sums + grads
        dE = self._back_embedding(words, dhs if masks[0] is None else dhs * masks[0])
        self._update(dE, grads, dW, db, lr, max_grad)
        return loss

    def _run_lstm(
        self, k: int, weights: list[Floats], xs: Floats, steps: list[list[_LSTMStep]]
    ) -> Floats:
        N, T, _ = xs.shape
        h, c = self.states[k]
        hs = np.empty((N, T, h.shape[1]), "f")
        steps.append([_LSTMStep(weights) for _ in range(T)])
        for t in range(T):
            h, c = steps[k][t].forward(xs[:, t], h, c)
            hs[:, t] = h
        self.states[k] = h, c
        return hs

    def _back_lstm(
        self, weights: list[Floats], dhs: Floats, steps: list[_LSTMStep]
    ) -> tuple[Floats, list[Floats]]:
        N, T, H = dhs.shape
        dxs = np.empty((N, T, weights[0].shape[0]), "f")
        dh, dc = np.zeros((N, H), "f"), np.zeros((N, H), "f")
        sums = [np.zeros_like(w) for w in weights]
        for t in reversed(range(T)):
            dxs[:, t], dh, dc = steps[t].backward(dhs[:, t] + dh, dc)
            for total, grad in zip(sums, steps[t].grads, strict=True):
                total += grad
        return dxs, sums

    def _back_embedding(self, words: list[_EmbeddingStep], dxs: Floats) -> Floats:
        total = np.zeros_like(self.embedding)
        for t, word in enumerate(words):
            word.backward(dxs[:, t])
            total += word.dW
        return total

    def _update(
        self, dE: Floats, grads: list[Floats], dW: Floats, db: Floats, lr: float, max_grad: float
    ) -> None:
        params = [self.embedding, *(w for weights in self.lstms for w in weights), self.b]
        grads = [dE, *grads, db]
        if self.config.tied:
            dE += dW.T
        else:
            params, grads = [*params, self.W], [*grads, dW]
        norm = np.sqrt(sum((g**2).sum() for g in grads))
        rate = max_grad / (norm + 1e-6)
        for param, grad in zip(params, grads, strict=True):
            if rate < 1:
                grad *= np.float32(rate)
            param -= np.float32(lr) * grad


def main() -> None:
    """Take turns of so many steps, in a process of its own."""
    asked = json.loads(sys.argv[1])
    size = SIZES[asked["size"]]
    N, T = size.batch_size, size.time_size
    model, ids = TextbookModel(size), words(size.vocab_size, 2 * N * T)
    xs, ts = ids.reshape(2, N, T)
    answer_turns("textbook", lambda: [model.step(xs, ts) for _ in range(asked["steps"])])


if __name__ == "__main__":
    main()
