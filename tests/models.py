"""Models as tests need them: those of the book, their scores, and a file as the book writes it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rnnlm_cli.arrays import Floats, Ids, quietly
from rnnlm_cli.corpus.cutting.units import Tokenizer
from rnnlm_cli.corpus.text_record import TextRecord
from rnnlm_cli.corpus.vocabulary import EOS
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.pickling import write_arrays
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.text import CorpusConfig


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


# The merges of pieces: th, the, " the", " c", at, " cat", and the bytes that こ and の begin with.
MERGES = ((116, 104), (256, 101), (32, 257), (32, 99), (97, 116), (259, 260), (0xE3, 0x81))


def record_of(*words: str, lower: bool = False) -> TextRecord:
    """What a model of these words knows, whose text was cut into words."""
    config = CorpusConfig(unit="word", lower=lower)
    return TextRecord(corpus="t", sha256="0", config=config, words=(*words, EOS))


def pieces_record(merges: tuple[tuple[int, int], ...] = MERGES, *more: str) -> TextRecord:
    """What a model of pieces knows of its words, and `more` of them."""
    words = (*Tokenizer("bpe", merges=merges).known, *more)
    config = CorpusConfig(unit="bpe")
    return TextRecord(corpus="x", sha256="", config=config, words=words, rule=2, merges=merges)


def untrained_model(vocab_size: int, layers: int = 1) -> LanguageModel:
    """A small model with weights that no training gave it: of two words, neither is as likely."""
    config = ModelConfig(wordvec_size=4, hidden_size=5, layers=layers)
    model = LanguageModel(vocab_size, config, rng=np.random.default_rng(0), dtype=np.float64)
    model.flat_params += np.random.default_rng(1).normal(0, 1, model.flat_params.size)
    return model


def pieces_model() -> LanguageModel:
    """A `untrained_model` of these pieces."""
    return untrained_model(len(pieces_record().words))
