"""What the words of a text say of its next one."""

import numpy as np
import pytest

from rnnlm_cli.errors import ConfigError
from rnnlm_cli.generating.processors import (
    TextSoFar,
    check_a_word_is_left,
    less_repeated,
    rules,
    without_repeats,
)
from rnnlm_cli.settings.sample import SampleConfig


def test_scores_of_words_that_were_there_are_divided_above_0_and_multiplied_below() -> None:
    scores = np.array([[2.0, -1.0, 0.5, 3.0], [2.0, -1.0, -np.inf, 3.0]])
    words = np.array([[0, 1, 0], [2, 3, 3]])
    lowered = less_repeated(2.0)(scores, words)
    np.testing.assert_array_equal(lowered, [[1, -2, 0.5, 3], [2, -1, -np.inf, 1.5]])


def test_line_ends_may_be_repeated() -> None:
    lowered = less_repeated(2.0, eos_id=1)(np.array([[2.0, -1.0]]), np.array([[0, 1]]))
    np.testing.assert_array_equal(lowered, [[1, -1]])


@pytest.mark.parametrize("n", [1, 2, 3, 5])
@pytest.mark.parametrize("t", [0, 1, 2, 3, 9])
def test_a_word_is_banned_where_it_would_make_a_run_come_twice(n: int, t: int) -> None:
    words = np.random.default_rng(t).integers(0, 3, (40, t))
    left = without_repeats(n)(np.zeros((40, 3)), words)
    for text, scores in zip(words.tolist(), left, strict=True):
        runs = [text[i : i + n] for i in range(t - n + 1)]
        for word in range(3):
            last = [*text, word][-n:]
            assert (scores[word] == -np.inf) == (last in runs), (text, word)


def test_rules_are_those_that_are_asked_for() -> None:
    assert rules(SampleConfig()) == []
    assert len(rules(SampleConfig(repetition_penalty=1.2, no_repeat_ngram=3))) == 2


def test_a_text_that_has_no_word_left_is_told() -> None:
    check_a_word_is_left(np.array([0.0]), 3)
    with pytest.raises(ConfigError, match="after 3 words none may follow, so much is forbidden"):
        check_a_word_is_left(np.array([0.0, -np.inf]), 3)


def test_texts_grow_and_change_places() -> None:
    text = TextSoFar([5, 6], more=2, N=3)
    text.append(np.array([1, 2, 3]))
    text.select(np.array([2, 0, 0]))
    np.testing.assert_array_equal(text.words, [[5, 6, 3], [5, 6, 1], [5, 6, 1]])
