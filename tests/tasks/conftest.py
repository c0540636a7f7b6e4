"""A small model with weights that no training gave it, and a scorer of it."""

from __future__ import annotations

import numpy as np
import pytest

from rnnlm_cli.corpus.text_record import TextRecord
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.text import CorpusConfig
from rnnlm_cli.tasks.scorer import Scorer
from tests.models import pieces_model, pieces_record

WORDS = ("<eos>", "<unk>", *"the a old cat dog sees hears .".split())


@pytest.fixture
def scorer() -> Scorer:
    config = ModelConfig(wordvec_size=4, hidden_size=5, layers=2)
    model = LanguageModel(len(WORDS), config, rng=np.random.default_rng(0), dtype=np.float64)
    model.flat_params += np.random.default_rng(1).normal(0, 1, model.flat_params.size)
    text = CorpusConfig(unit="word")
    return Scorer(model, TextRecord(corpus="x", sha256="", config=text, words=WORDS))


@pytest.fixture
def in_pieces() -> Scorer:
    """Another, of pieces."""
    return Scorer(pieces_model(), pieces_record())
