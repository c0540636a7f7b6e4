"""A model one word at a time, for N texts side by side: what generation runs on."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.arrays import Array
from rnnlm_cli.model.layers import TimeSplitAffine
from rnnlm_cli.model.layers.step import LSTMStep
from rnnlm_cli.model.model import Ids, LanguageModel


class Stepper:
    """Feeds words to a model and gives scores of the next; the model's own state is not touched.

    It works on a copy of the LSTMs' weights, taken when it is made, and from a zero state.
    """

    def __init__(self, model: LanguageModel, N: int) -> None:
        self._words = model.embedding.params["W"]
        self._affine = model.affine
        self._W, self._b = model.affine.params["W"], model.affine.params["b"]
        self._steps = [LSTMStep(lstm, N) for lstm in model.lstms]
        self._residual = [model.is_residual(k) for k in range(len(model.lstms))]
        self._projection = model.projection.params if model.projection else None
        streams = () if N == 1 else (N,)
        self._scores = np.empty((model.vocab_size, *streams), self._W.dtype)
        self._added = self._b.reshape(-1, *(1 for _ in streams))
        self._N = N

    def step(self, ids: Ids) -> Array:
        """ids (N,) -> scores (N, V) of the next words: a buffer that the next step overwrites."""
        x = self._words[ids[0]] if self._N == 1 else self._words[ids].T
        for step, residual in zip(self._steps, self._residual, strict=True):
            step.x[...] = x
            step.step()
            x = step.h + x if residual else step.h
        if self._projection is not None:
            b = self._projection["b"]
            x = self._projection["W"].T @ x + b.reshape(-1, *(1 for _ in x.shape[1:]))
        np.dot(self._W.T, x, out=self._scores)
        np.add(self._scores, self._added, out=self._scores)
        if isinstance(self._affine, TimeSplitAffine):
            self._affine.finish(self._scores, x)
        return self._scores.reshape(-1, self._N).T
