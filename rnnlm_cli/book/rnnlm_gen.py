"""Texts out of the book's models, word by word (`ch07/rnnlm_gen.py`, section 7.1)."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from rnnlm_cli.arrays import Floats, softmax
from rnnlm_cli.book.rnnlm import BetterRnnlm, Rnnlm
from rnnlm_cli.errors import ConfigError

State = tuple[Floats | None, Floats | None]  # h and c (N, H) of an LSTM


def _draw_text(
    model: Rnnlm | BetterRnnlm, start_id: int, skip_ids: Collection[int] | None, sample_size: int
) -> list[int]:
    """`sample_size` ids from `start_id` on, with the draws of the book: one of NumPy's global
    `choice` for each try.

    A word of `skip_ids` is not taken, and the model then reads the word before once more, so that
    its state moves on: the book does so, and its texts are these. (`rnnlm generate` gives such
    words no probability.) Raises ConfigError where there is no other word left to draw.
    """
    word_ids = [start_id]
    while len(word_ids) < sample_size:
        shares = softmax(model.predict(np.reshape(word_ids[-1], (1, 1))).flatten())
        word = int(np.random.choice(len(shares), p=shares))
        if skip_ids is None or word not in skip_ids:
            word_ids.append(word)
        elif not np.delete(shares, list(skip_ids)).any():
            raise ConfigError(
                f"the {len(skip_ids)} skip_ids leave no word with a probability: skip fewer words"
            )
    return word_ids


class RnnlmGen(Rnnlm):
    """An Rnnlm that writes (section 7.1.2)."""

    def generate(
        self, start_id: int, skip_ids: Collection[int] | None = None, sample_size: int = 100
    ) -> list[int]:
        """`sample_size` ids, `start_id` the first of them; none of `skip_ids` is drawn."""
        return _draw_text(self, start_id, skip_ids, sample_size)

    def get_state(self) -> State:
        """h and c of the LSTM, each (N, H)."""
        return self.lstm_layer.h, self.lstm_layer.c

    def set_state(self, state: State) -> None:
        """Go on from what `get_state` returned."""
        self.lstm_layer.set_state(*state)


class BetterRnnlmGen(BetterRnnlm):
    """A BetterRnnlm that writes (section 7.1.3)."""

    def generate(
        self, start_id: int, skip_ids: Collection[int] | None = None, sample_size: int = 100
    ) -> list[int]:
        """`sample_size` ids, `start_id` the first of them; none of `skip_ids` is drawn."""
        return _draw_text(self, start_id, skip_ids, sample_size)

    def get_state(self) -> list[State]:
        """h and c of every LSTM, each (N, H)."""
        return [(lstm.h, lstm.c) for lstm in self.lstm_layers]

    def set_state(self, states: list[State]) -> None:
        """Go on from what `get_state` returned."""
        for lstm, state in zip(self.lstm_layers, states, strict=True):
            lstm.set_state(*state)
