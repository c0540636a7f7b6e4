from typing import Any

import numpy as np
import pytest

from rnnlm_cli.arrays import Floats
from rnnlm_cli.book import BetterRnnlmGen, RnnlmGen, softmax
from rnnlm_cli.errors import ConfigError

V, D = 7, 4


def lively(kind: Any) -> Any:
    """A model whose words are far from equally likely."""
    np.random.seed(0)
    model = kind(V, D, D)
    for param in model.params[:-2]:
        param += np.random.randn(*param.shape) * 0.7
    return model


@pytest.mark.parametrize("kind", [RnnlmGen, BetterRnnlmGen])
def test_a_text_is_drawn_as_the_book_draws_it(kind: Any) -> None:
    model, draws = lively(kind), np.random.RandomState(5)
    expected = [2]
    while len(expected) < 40:  # a word that is skipped: the one before is read again
        shares: Floats = softmax(model.predict([[expected[-1]]])[0, 0])
        if (word := draws.choice(V, p=shares)) not in (1, 3):
            expected.append(int(word))
    model.reset_state()
    np.random.seed(5)
    assert model.generate(2, [1, 3], 40) == expected
    assert all(type(word) is int for word in expected)


@pytest.mark.parametrize("kind", [RnnlmGen, BetterRnnlmGen])
def test_a_state_that_was_kept_gives_the_same_text_again(kind: Any) -> None:
    model = lively(kind)
    model.predict([[4]])
    state, texts = model.get_state(), []
    for _ in range(2):
        model.set_state(state)
        np.random.seed(6)
        texts.append(model.generate(0, sample_size=30))
    assert texts[0] == texts[1]
    assert len(texts[0]) == 30


def test_to_skip_every_word_is_refused() -> None:
    with pytest.raises(ConfigError, match="the 7 skip_ids leave no word"):
        RnnlmGen(V, D, D).generate(0, range(V))
