"""Models as tests need them: those of the book, their scores, and a file as the book writes it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rnnlm_cli.arrays import Floats, Ids, quietly
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.pickling import write_arrays
from rnnlm_cli.settings.model import ModelConfig


def rnnlm(V: int, D: int, H: int, rng: np.random.Generator | None = None) -> LanguageModel:
    """One LSTM, as Rnnlm has (book section 6.4)."""
    return LanguageModel(V, ModelConfig(wordvec_size=D, hidden_size=H), rng=rng)


def better_rnnlm(V: int, D: int, H: int, dropout: float = 0.5) -> LanguageModel:
    """Two LSTMs, dropout at three places, tied weights, as BetterRnnlm has (section 6.5.4)."""
    config = ModelConfig(wordvec_size=D, hidden_size=H, layers=2, tied=True, dropout=dropout)
    return LanguageModel(V, config)


def scores_of(model: LanguageModel, xs: Ids) -> Floats:
    """xs (N, T) -> scores (N, T, V) of the textbook layers; the state goes on from the last."""
    with quietly():  # a BLAS may compute, and forget, with what stands behind a short vector
        return model.network.affine.forward(model.network.forward(xs, train_flg=False))


def write_book_file(model: LanguageModel, path: Path) -> None:
    """What `save_params` of the book writes: a pickled list of arrays."""
    write_arrays(path, model.params)
