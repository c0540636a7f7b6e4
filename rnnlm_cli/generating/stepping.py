"""A model one word at a time, for N texts side by side: what generation runs on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rnnlm_cli.arrays import Floats, Ids, quietly
from rnnlm_cli.model.model import LanguageModel

Carried = tuple[Floats, ...]  # what N texts carry to the next word: arrays (H, N)


class Stepper:
    """Feeds words to a model and gives scores of the next; the model's own state is not touched.

    It works on a copy of the LSTMs' weights, taken when it is made, and from a zero state. `state`
    is a copy, which nothing changes: to go back to a text, set the one that was kept of it.
    """

    def __init__(self, model: LanguageModel, N: int) -> None:
        network = model.network
        self._words, self._steps, self._affine = network.embedding, network.steps(N), network.affine
        streams = () if N == 1 else (N,)
        self._scores = np.empty((model.vocab_size, *streams), model.flat_params.dtype)
        self._N, self._cores = N, model.cores

    @classmethod
    def after(cls, model: LanguageModel, words: Sequence[int], N: int) -> Stepper:
        """N texts that have all begun with `words`: these are read once."""
        stepper = cls(model, N)
        if words:
            reader = stepper if N == 1 else cls(model, 1)
            with quietly():
                for word in words:
                    reader.read(np.array([word]))
            stepper.state = reader.state
        return stepper

    @property
    def state(self) -> Carried:
        """What the texts carry to the next word."""
        return tuple(each.reshape(-1, self._N).copy() for each in self._carried)

    @state.setter
    def state(self, state: Carried) -> None:
        """Go on from `state`, in all texts if it is that of one."""
        for mine, theirs in zip(self._carried, state, strict=True):
            mine.reshape(-1, self._N)[...] = theirs

    @property
    def _carried(self) -> list[Floats]:
        return [each for step in self._steps for each in step.carried]

    def select(self, rows: Ids) -> None:
        """Let text n go on from where text `rows[n]` is, rows (N,)."""
        self.state = tuple(each[:, rows] for each in self.state)

    def read(self, ids: Ids) -> Floats:
        """ids (N,) -> what the output layer reads: for words whose next ones nobody asks for."""
        with self._cores.held():
            x = self._words.step(ids)
            for part in self._steps:
                x = part.step(x)
            return x

    def step(self, ids: Ids) -> Floats:
        """ids (N,) -> scores (N, V) of the next words: a buffer that the next step overwrites."""
        with self._cores.held():
            self._affine.scores(self.read(ids), out=self._scores)
        return self._scores.reshape(-1, self._N).T
