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
@pytest.mark.parametrize("edges", [(), (3,), (2, 3, 5)])
@pytest.mark.parametrize("more", [{}, {"skip": True}, {"projection": True, "hidden_size": 6}])
def test_scores_are_those_of_the_textbook_layers(
    N: int, tied: bool, edges: tuple[int, ...], more: dict[str, Any]
) -> None:
    shape = {"wordvec_size": 5, "hidden_size": 5, "layers": 2} | (more if tied else {})
    config = ModelConfig(**shape, tied=tied, dropout=0.5, cluster_edges=edges)
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


def make_model() -> LanguageModel:
    config = ModelConfig(wordvec_size=5, hidden_size=5, layers=3, skip=True)
    return LanguageModel(V, config, rng=np.random.default_rng(0), dtype=np.float64)


def test_a_state_that_was_kept_is_gone_back_to_from_anywhere() -> None:
    stepper = Stepper(make_model(), 1)
    stepper.read(np.array([1]))
    kept, expected = stepper.state, stepper.step(np.array([4])).copy()
    for word in (2, 6, 0):
        stepper.step(np.array([word]))
    stepper.state = kept
    np.testing.assert_array_equal(stepper.step(np.array([4])), expected)


def test_rows_change_places() -> None:
    stepper, other = (Stepper(make_model(), 3) for _ in range(2))
    stepper.read(np.array([1, 2, 3]))
    stepper.select(np.array([2, 2, 0]))
    other.read(np.array([3, 3, 1]))
    ids = np.array([4, 5, 6])
    np.testing.assert_allclose(stepper.step(ids), other.step(ids), rtol=1e-12)


@pytest.mark.parametrize("N", [1, 3])
def test_a_beginning_is_read_once_for_all_texts(N: int) -> None:
    after, each = Stepper.after(make_model(), [1, 2, 3], N), Stepper(make_model(), N)
    for word in (1, 2, 3):
        each.read(np.full(N, word))
    ids = np.arange(N)
    np.testing.assert_allclose(after.step(ids), each.step(ids), rtol=1e-12)
