"""A model one word at a time, for N texts side by side: what generation runs on."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.arrays import Floats, Ids
from rnnlm_cli.model.model import LanguageModel


class Stepper:
    """Feeds words to a model and gives scores of the next; the model's own state is not touched.

    It works on a copy of the LSTMs' weights, taken when it is made, and from a zero state.
    """

    def __init__(self, model: LanguageModel, N: int) -> None:
        network = model.network
        self._words, self._steps, self._affine = network.embedding, network.steps(N), network.affine
        streams = () if N == 1 else (N,)
        self._scores = np.empty((model.vocab_size, *streams), model.flat_params.dtype)
        self._N = N

    def read(self, ids: Ids) -> Floats:
        """ids (N,) -> what the output layer reads: for words whose next ones nobody asks for."""
        x = self._words.step(ids)
        for part in self._steps:
            x = part.step(x)
        return x

    def step(self, ids: Ids) -> Floats:
        """ids (N,) -> scores (N, V) of the next words: a buffer that the next step overwrites."""
        self._affine.scores(self.read(ids), out=self._scores)
        return self._scores.reshape(-1, self._N).T
