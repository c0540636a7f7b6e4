from dataclasses import replace

import numpy as np
import pytest

from rnnlm_cli.arrays import softmax
from rnnlm_cli.errors import ConfigError, VocabularyError
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.scoring.streaming import CHUNK
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.tasks.continuing import State, conditional_nats
from rnnlm_cli.tasks.passage import Passage
from rnnlm_cli.tasks.scorer import Scorer
from tests.models import scores_of
from tests.peaks import peak_bytes


def shares_after(scorer: Scorer, text: str) -> dict[str, float]:
    """p of every word after `text`, by the textbook's layers."""
    ids = [0, *Passage.of(scorer.words, text, "x", eos=False).ids]
    with scorer.model.fresh_state():
        last = softmax(scores_of(scorer.model, np.array([ids])))[0, -1]
    return dict(zip(scorer.words.words, last.tolist(), strict=True))


@pytest.mark.parametrize("parts", [[], ["the old"], ["the", "old", "cat sees"], ["the old\n", "a"]])
def test_next_words_are_the_likeliest_after_all_that_was_read(
    scorer: Scorer, parts: list[str]
) -> None:
    state = State.begin(scorer)
    for part in parts:
        state = state.after(part)
    expected = sorted(shares_after(scorer, " ".join(parts)).items(), key=lambda pair: -pair[1])
    found = state.next_words(3)
    assert [word for word, _ in found] == [word for word, _ in expected[:3]]
    np.testing.assert_allclose([p for _, p in found], [p for _, p in expected[:3]])
    assert scorer.model.state is None


def test_a_long_text_takes_no_memory_by_its_length(scorer: Scorer) -> None:
    model = LanguageModel(scorer.model.vocab_size, ModelConfig(hidden_size=128))
    state, text = State.begin(Scorer(model, scorer.words)), "the old cat sees a dog " * 500
    hidden_bytes = 4 * model.config.hidden_size * len(text.split())
    most = peak_bytes(lambda: state.after(text), again=1)
    assert most < 4 * hidden_bytes  # and not 17, see lstm_numbers


def test_a_long_text_is_read_as_one(scorer: Scorer) -> None:
    text = "the old cat sees a dog " * (CHUNK // 3)
    expected = shares_after(scorer, text)
    assert dict(State.begin(scorer).after(text).next_words(99)) == pytest.approx(expected)


def test_a_state_is_left_as_it_was_by_what_goes_on_from_it(scorer: Scorer) -> None:
    state = State.begin(scorer).after("the old")
    before = state.next_words(9)
    one, other = state.after("cat"), state.after("dog")
    assert state.next_words(9) == before
    assert one.next_words(9) != other.next_words(9)


def test_what_adds_no_token_leaves_the_same_state(scorer: Scorer) -> None:
    state = State.begin(scorer).after("the old")
    again, first = dict(state.after("").next_words(9)), dict(state.next_words(9))
    assert again == pytest.approx(first)


def test_a_continuation_is_scored_after_its_prefix_alone(scorer: Scorer) -> None:
    p = shares_after(scorer, "the old")
    nats = conditional_nats(scorer, "the old", ["cat", "zebra", "cat sees"], eos=False)
    assert nats[:2] == pytest.approx([-np.log(p["cat"]), -np.log(p["<unk>"])])
    then = shares_after(scorer, "the old cat")["sees"]
    assert nats[2] == pytest.approx(nats[0] - np.log(then))
    (ended,) = conditional_nats(scorer, "the old", ["cat"], eos=True)
    assert ended == pytest.approx(nats[0] - np.log(shares_after(scorer, "the old cat")["<eos>"]))


def test_what_cannot_be_asked_is_said(scorer: Scorer) -> None:
    with pytest.raises(ConfigError, match="n is 0, but must be a whole number from 1 to"):
        State.begin(scorer).next_words(0)
    words = tuple("unk" if word == "<unk>" else word for word in scorer.words.words)
    known = Scorer(scorer.model, replace(scorer.words, words=words))
    with pytest.raises(VocabularyError):
        State.begin(known).after("zebra")
