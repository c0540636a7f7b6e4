from dataclasses import FrozenInstanceError, fields

import numpy as np
import pytest

from rnnlm_cli.arrays import log_softmax
from rnnlm_cli.tasks.continuing import conditional_nats
from rnnlm_cli.tasks.passage import Passage
from rnnlm_cli.tasks.scorer import Scorer, TokenScore
from tests.models import scores_of

LINES = ["the old cat sees a zebra.", "a dog", ""]


def scored(scorer: Scorer, guesses: int = 2) -> list[list[TokenScore]]:
    passages = [Passage.of(scorer.words, line, "x") for line in LINES]
    found = scorer.score(passages, guesses=guesses)
    return [list(scorer.token_scores(each, n)) for n, each in enumerate(found, 1)]


def test_figures_are_those_of_the_models_distribution(scorer: Scorer) -> None:
    ids = Passage.of(scorer.words, LINES[0], "x").ids
    log_p = log_softmax(scores_of(scorer.model, np.array([[0, *ids[:-1]]])))[0]
    for token, ps, row in zip(ids, log_p, scored(scorer)[0], strict=True):
        assert row.token == scorer.words.words[token]
        assert row.log_probability == pytest.approx(ps[token])
        assert row.surprisal == pytest.approx(-ps[token] / np.log(2))
        assert row.entropy == pytest.approx(-(np.exp(ps) * ps).sum() / np.log(2))
        assert row.rank == 1 + (ps > ps[token]).sum()
        assert row.guesses[0] == scorer.words.words[ps.argmax()]
        assert row.guess_probabilities[0] == pytest.approx(np.exp(ps.max()))


def test_a_word_that_is_not_known_keeps_its_spelling(scorer: Scorer) -> None:
    (row,) = (row for row in scored(scorer)[0] if row.is_unknown)
    assert (row.token, row.word) == ("<unk>", "zebra")


def test_sentences_and_tokens_are_counted_from_one_and_line_ends_are_tokens(scorer: Scorer) -> None:
    first, second, third = scored(scorer)
    assert [(row.sentence_id, row.token_id) for row in second] == [(2, 1), (2, 2), (2, 3)]
    assert [row.token for row in (first[-1], second[-1])] == ["<eos>", "<eos>"]
    assert [row.token for row in third] == ["<eos>"]


def test_rows_are_frozen_values_whose_first_four_are_those_of_lm_zoo(scorer: Scorer) -> None:
    row = scored(scorer, 0)[1][0]
    names = [field.name for field in fields(TokenScore)]
    assert names[:4] == ["sentence_id", "token_id", "token", "surprisal"]
    assert row.guesses == ()
    with pytest.raises(FrozenInstanceError):
        row.rank = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("before", "after", "gap"),
    [("the", "cat", " "), ("the ", "cat", ""), ("", "cat", ""), ("猫", "cat", ""), ("a", "猫", "")],
)
def test_a_blank_goes_between_texts_of_pieces_where_their_scripts_have_blanks(
    before: str, after: str, gap: str, in_pieces: Scorer
) -> None:
    assert in_pieces.gap(before, after) == gap


def test_the_pieces_of_a_continuation_are_those_behind_the_prefix(in_pieces: Scorer) -> None:
    whole = Passage.of(in_pieces.words, "a the cats", "x", eos=False)
    (scored,) = in_pieces.score([whole])
    for prefix in ("a the", "a the "):
        (nats,) = conditional_nats(in_pieces, prefix, ["cats"], eos=False)
        assert nats == pytest.approx(scored.scores.nats[2:].sum())
