"""A small model with weights that no training gave it, and a scorer of it."""

from __future__ import annotations

import pytest

from rnnlm_cli.corpus.text_record import TextRecord
from rnnlm_cli.settings.text import CorpusConfig
from rnnlm_cli.tasks.scorer import Scorer
from tests.models import pieces_model, pieces_record, untrained_model

WORDS = ("<eos>", "<unk>", *"the a old cat dog sees hears .".split())


@pytest.fixture
def scorer() -> Scorer:
    text = CorpusConfig(unit="word")
    return Scorer(
        untrained_model(len(WORDS), layers=2),
        TextRecord(corpus="x", sha256="", config=text, words=WORDS),
    )


@pytest.fixture
def in_pieces() -> Scorer:
    """Another, of pieces."""
    return Scorer(pieces_model(), pieces_record())
