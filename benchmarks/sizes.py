"""The models that are measured, and words for them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnlm_cli.arrays import Ids
from rnnlm_cli.settings.model import ModelConfig

N, T, V = 20, 35, 10_000


@dataclass(frozen=True)
class Size:
    """A model and the batch it is trained with."""

    name: str
    model: ModelConfig
    vocab_size: int = V
    batch_size: int = N
    time_size: int = T


SIZES = {
    "Rnnlm": Size("Rnnlm", ModelConfig(wordvec_size=100, hidden_size=100)),
    "BetterRnnlm": Size(
        "BetterRnnlm",
        ModelConfig(wordvec_size=650, hidden_size=650, layers=2, tied=True, dropout=0.5),
    ),
    "tied256": Size("tied256", ModelConfig(wordvec_size=256, hidden_size=256, tied=True)),
}


def words(vocab_size: int, count: int, seed: int = 0) -> Ids:
    """Random words (count,), spread like PTB's: the first 1,500 of 10,000 make 84% of the text."""
    shares = np.arange(1.0, vocab_size + 1) ** -1.05
    rng = np.random.default_rng(seed)
    return rng.choice(vocab_size, count, p=shares / shares.sum()).astype(np.int32)
