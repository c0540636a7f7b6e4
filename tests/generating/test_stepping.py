from typing import Any

import numpy as np
import pytest

from rnnlm_cli.generating.stepping import Stepper
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.settings.model import ModelConfig
from tests.models import scores_of

V = 7


@pytest.mark.parametrize("N", [1, 3])
@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("head_size", [0, 3])
@pytest.mark.parametrize("more", [{}, {"skip": True}, {"projection": True, "hidden_size": 6}])
def test_scores_are_those_of_the_textbook_layers(
    N: int, tied: bool, head_size: int, more: dict[str, Any]
) -> None:
    shape = {"wordvec_size": 5, "hidden_size": 5, "layers": 2} | (more if tied else {})
    config = ModelConfig(**shape, tied=tied, dropout=0.5, head_size=head_size)
    model = LanguageModel(V, config, rng=np.random.default_rng(0), dtype=np.float64)
    model.flat_params += np.random.default_rng(1).normal(0, 1, model.flat_params.size)
    ids = np.random.default_rng(2).integers(0, V, (N, 4))
    stepper = Stepper(model, N)
    for t in range(4):
        scores = stepper.step(ids[:, t])
        with model.fresh_state():
            expected = scores_of(model, ids[:, : t + 1])[:, -1]
        np.testing.assert_allclose(scores, expected, rtol=1e-10)
    assert model.state is None
