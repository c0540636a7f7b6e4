"""Epochs that are as good as a test needs them, whatever the machine computes."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.scoring.evaluation import Evaluation, evaluate
from rnnlm_cli.training import learner
from tests.models import rnnlm

Scores = Callable[..., None]


@pytest.fixture
def epochs_score(monkeypatch: pytest.MonkeyPatch) -> Scores:
    """Called with the nats of the validations to come, which then are not computed."""

    def are_to_be(*nats: float) -> None:
        scores = iter(nats)
        scored = evaluate(rnnlm(7, 4, 5), EncodedText(np.array([1]), 0))

        def validation(*_: object, **__: object) -> Evaluation:
            return replace(scored, nats_per_token=next(scores))

        monkeypatch.setattr(learner, "evaluate_watched", validation)

    return are_to_be
