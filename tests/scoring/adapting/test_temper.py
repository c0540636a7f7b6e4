from typing import Any

import numpy as np
import pytest

from rnnlm_cli.arrays import log_softmax, quietly
from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.scoring.adapting import temper
from rnnlm_cli.scoring.adapting.passes import static_pass
from rnnlm_cli.scoring.adapting.temper import tempered_nats
from rnnlm_cli.scoring.evaluation import evaluate
from tests.models import scores_of
from tests.scoring.adapting.models import EOS, random_ids, small_model

IDS = random_ids(150)
STACKS: list[dict[str, Any]] = [
    {},
    {"head_size": 3},
    {"cluster_edges": (1, 2, 4)},
    {"layers": 2, "tied": True, "projection": True},
    {"layers": 2, "skip": True, "head_size": 2},
]


@pytest.mark.parametrize("stack", STACKS, ids=str)
def test_a_temperature_of_1_leaves_every_word_its_surprisal(stack: dict[str, Any]) -> None:
    model = small_model(**stack)
    states = static_pass(model, IDS, before=EOS, temperatures=[1.0]).states
    expected = evaluate(model, EncodedText(IDS, EOS)).nats
    np.testing.assert_allclose(tempered_nats(model, states, IDS, [1.0])[0], expected, atol=2e-5)


@pytest.mark.parametrize("stack", STACKS, ids=str)
@pytest.mark.parametrize("block", [1, 64, 1000])
def test_log_probabilities_are_divided_and_normalised_again(
    stack: dict[str, Any], block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(temper, "_BLOCK", block)
    model = small_model(**stack)
    inputs = np.concatenate([[EOS], IDS[:-1]])
    with model.fresh_state():
        log_p = log_softmax(scores_of(model, inputs[None])[0].astype(np.float64))
    with quietly():
        passed = static_pass(model, IDS, before=EOS, temperatures=[0.5, 1.0, 2.5])
    for temperature, nats in passed.nats.items():
        expected = -log_softmax(log_p / temperature)[np.arange(len(IDS)), IDS]
        np.testing.assert_allclose(nats, expected, rtol=1e-4, atol=1e-4)


def test_the_coldest_temperature_is_no_overflow() -> None:
    model = small_model(scale=4.0)
    states = static_pass(model, IDS, before=EOS, temperatures=[1.0]).states
    assert np.isfinite(tempered_nats(model, states, IDS, [0.01])).all()


def test_progress_counts_the_words() -> None:
    model, seen = small_model(), list[int]()
    tempered_nats(model, np.zeros((len(IDS), 5), np.float32), IDS, [1.0], seen.append)
    assert sum(seen) == len(IDS)
