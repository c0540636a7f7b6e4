"""Models of every kind that is exported, with weights of the size that trained ones have."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rnnlm_cli.arrays import Doubles, Ids
from rnnlm_cli.checkpoint.exchange.exporting import Exported, export
from rnnlm_cli.corpus.text_record import TextRecord
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.text import CorpusConfig

V, D, H = 11, 4, 6
LETTERS = ("a", " ", "<eos>", "b", "\t", "\u3000", "▁", '"', "c", "<unk>", "é")  # of a char model
WORDS = tuple(f"w{i}" for i in range(V))
KINDS = {
    "default": ModelConfig(
        wordvec_size=D, hidden_size=H, tied=True, projection=True, head_size=5, embedding_std=0.7
    ),
    "Rnnlm": ModelConfig(wordvec_size=D, hidden_size=H, embedding_std=0.7),
    "BetterRnnlm": ModelConfig(wordvec_size=H, hidden_size=H, layers=2, tied=True),
    "char": ModelConfig(wordvec_size=D, hidden_size=H, layers=3, embedding_std=0.7),
    "narrow": ModelConfig(wordvec_size=D, hidden_size=H, layers=3, tied=True, skip=True),
    "skips": ModelConfig(
        wordvec_size=D, hidden_size=H, layers=2, tied=True, projection=True, skip=True
    ),
    "split": ModelConfig(wordvec_size=D, hidden_size=H, layers=2, head_size=3),
    "clusters": ModelConfig(wordvec_size=D, hidden_size=H, cluster_edges=(3, 5, 8)),
}
IDS: Ids = np.random.default_rng(0).integers(0, V, (2, 41))  # N = 2 texts


def model_of(kind: str) -> LanguageModel:
    """A model of that kind, its biases not zero."""
    rng = np.random.default_rng(1)
    model = LanguageModel(V, KINDS[kind], rng=rng)
    for name, array in model.named_params().items():
        if array.ndim == 1 or name == "affine.w":
            array[...] = rng.standard_normal(array.shape) * 0.3
        elif name.startswith("affine") and not model.config.tied:
            array *= 3
    return model


def words_of(kind: str) -> tuple[str, ...]:
    return LETTERS if kind == "char" else WORDS


def exported(kind: str, path: Path) -> Exported:
    text = TextRecord(corpus="", sha256="", config=CorpusConfig(unit="word"), words=words_of(kind))
    return export(lambda: model_of(kind), lambda: text, path)


def log_ps(kind: str) -> Doubles:
    """(N, T - 1) of each next word of IDS, as the model scores it here."""
    model = model_of(kind)
    return -model.nats(IDS[:, :-1], IDS[:, 1:])


def check_agrees(theirs: Doubles, kind: str) -> None:
    """`theirs` (N, T - 1, V) are the log probabilities of all words."""
    found = np.take_along_axis(theirs, IDS[:, 1:, None], axis=-1)[..., 0]
    difference = found - log_ps(kind)
    assert abs(difference.mean()) < 1e-6  # nats
    assert np.abs(difference).max() < 1e-4
    np.testing.assert_allclose(np.exp(theirs).sum(axis=-1), 1, rtol=1e-5)
