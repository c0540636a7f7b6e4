import numpy as np
import pytest

from rnnlm_cli.errors import CorpusError, VocabularyError
from rnnlm_cli.tasks.contrasts.pairs import Pair, PairScore, score_pairs
from rnnlm_cli.tasks.contrasts.regions import Regions
from rnnlm_cli.tasks.passage import Passage
from rnnlm_cli.tasks.scorer import Scorer
from tests.models import scores_of


def judged(scorer: Scorer, *sentences: tuple[str, str]) -> list[PairScore]:
    pairs = [Pair.sentences(*each, "x", n) for n, each in enumerate(sentences, 1)]
    return list(score_pairs(scorer, pairs))


def log_p(scorer: Scorer, text: str) -> float:
    """Of a whole line with its end, by the textbook's layers."""
    ids = Passage.of(scorer.words, text, "x").ids
    with scorer.model.fresh_state():
        ys = scores_of(scorer.model, np.array([[scorer.eos_id, *ids[:-1]]]))[0]
    return float(sum(y[i] - np.log(np.exp(y).sum()) for y, i in zip(ys, ids, strict=True)))


def test_sentences_are_scored_whole_each_by_itself_with_its_end(scorer: Scorer) -> None:
    sentences = [("the cat sees a dog .", "the cat sees"), ("a dog", "a old dog hears the cat .")]
    for (good, bad), score in zip(sentences, judged(scorer, *sentences), strict=True):
        assert (score.good, score.bad) == pytest.approx((log_p(scorer, good), log_p(scorer, bad)))
        assert score.points == float(score.good > score.bad)


def test_the_end_of_a_sentence_may_be_left_out(scorer: Scorer) -> None:
    (score,) = score_pairs(scorer, [Pair.sentences("the cat", "a dog", "x", 1)], eos=False)
    (whole,) = scorer.score([Passage.of(scorer.words, "the cat", "x", eos=False)])
    assert score.good == pytest.approx(-whole.nats)


def test_of_a_prefix_and_a_word_the_word_alone_is_compared(scorer: Scorer) -> None:
    sides = Regions.join(["the cat", "sees"]), Regions.join(["the cat", "hears"])
    (score,) = score_pairs(scorer, [Pair(*sides, "x", 1, method="one prefix")])
    whole, prefix = (
        Passage.of(scorer.words, text, "x", eos=False) for text in ("the cat sees", "the cat")
    )
    nats = [each.nats for each in scorer.score([whole, prefix])]
    assert score.good == pytest.approx(nats[1] - nats[0])


@pytest.mark.parametrize(
    ("good", "bad", "same", "unknown"),
    [
        ("the zebra sees", "the gnu sees", True, True),
        ("the zebra sees", "the cat sees", False, True),
        ("the cat sees", "the cat  gnu sees", False, True),  # put in
        ("the cat sees a zebra", "the dog sees a zebra", False, False),  # in both
        ("zebra sees the cat", "sees the cat zebra", False, True),  # moved
        ("the cat", "the cat", True, False),
        ("a zebra", "a  zebra", True, False),
    ],
)
def test_what_unknown_words_make_of_a_pair_is_told(
    good: str, bad: str, same: bool, unknown: bool, scorer: Scorer
) -> None:
    (score,) = judged(scorer, (good, bad))
    assert (score.same, score.unknown, score.tie) == (same, unknown, same)


def test_a_tie_is_half_a_point_and_rounding_decides_nothing() -> None:
    pair = Pair.sentences("a", "b", "x", 1)
    points = [
        PairScore(pair, good, -50.0, same=False, unknown=False).points
        for good in (-50.0, -50.00001, -49.99999, -49.99, -50.01, -np.inf)
    ]
    assert points == [0.5, 0.5, 0.5, 1, 0, 0]
    assert PairScore(pair, -np.inf, -np.inf, same=False, unknown=False).points == 0.5


def test_the_same_tokens_have_the_same_figure_wherever_they_are_scored(scorer: Scorer) -> None:
    scores = judged(scorer, *[("the zebra", "the gnu"), ("a cat", "the old dog sees")] * 40)
    assert all(score.good == score.bad for score in scores[::2])


def test_what_cannot_be_scored_is_refused_with_its_place(scorer: Scorer) -> None:
    with pytest.raises(CorpusError, match="x, line 7: the bad sentence is blank"):
        Pair.sentences("a", " \t", "x", 7)
    words = scorer.words.words[:1] + scorer.words.words[2:]  # no <unk>
    record = type(scorer.words)(corpus="x", sha256="", config=scorer.words.config, words=words)
    with pytest.raises(VocabularyError, match="x, line 2: the word 'gnu' is not in"):
        judged(Scorer(scorer.model, record), ("a cat", "a dog"), ("a cat", "a gnu"))
