import math
from collections.abc import Iterator
from dataclasses import FrozenInstanceError
from itertools import count
from typing import Any

import pytest

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.scoring.intervals import Share, wilson_interval
from rnnlm_cli.tasks.contrasts.accuracy import accuracies, compare, pooled
from rnnlm_cli.tasks.contrasts.pairs import Method, Pair, PairScore
from rnnlm_cli.tasks.passage import Passage
from rnnlm_cli.tasks.scorer import Scorer


def score(
    uid: str, good: float, *, same: bool = False, unknown: bool = False, method: Method = "sentence"
) -> PairScore:
    side = Pair.sentences("g", "b", "x", 1).good
    return PairScore(Pair(side, side, "x", 1, uid, method), good, -5.0, same, unknown)


SCORES = [
    score("b", -4.0),
    score("a", -4.0),
    score("b", -6.0),
    score("b", -5.0, same=True, unknown=True),
    score("b", -4.0, unknown=True),
    score("b", -4.0, method="one prefix"),
    score("a", -4.0, unknown=True),
]


def test_pairs_are_counted_by_paradigm_and_method_and_a_tie_is_a_half() -> None:
    b, a, prefix = accuracies(SCORES)
    assert [(each.uid, each.method) for each in (b, a, prefix)] == [
        ("b", "sentence"),
        ("a", "sentence"),
        ("b", "one prefix"),
    ]
    assert (b.accuracy.points, b.accuracy.total, b.accuracy.value) == (2.5, 4, 0.625)
    assert b.accuracy.interval == wilson_interval(2.5, 4)
    assert (b.share_same, b.share_unknown) == (0.25, 0.5)
    assert b.accuracy_known.value == 0.5
    assert b.ties == [SCORES[3]]


def test_all_pairs_of_a_method_are_pooled() -> None:
    sentence, prefix = pooled(accuracies(SCORES))
    assert (sentence.uid, sentence.accuracy) == ("all", Share(4.5, 6))
    assert (sentence.accuracy_known, sentence.share_same) == (Share(2, 3), 1 / 6)
    assert len(sentence.ties) == prefix.pairs == 1


def test_of_unknown_words_alone_there_is_no_accuracy_of_known_ones() -> None:
    (found,) = accuracies([score("a", -4.0, unknown=True)])
    assert math.isnan(found.accuracy_known.value)


def test_pairs_of_strings_are_compared(scorer: Scorer) -> None:
    pairs = [("the cat sees", "the dog sees"), ("the zebra", "the gnu"), ("a gnu", "a cat")]
    found = compare(scorer, pairs)
    right = [good > bad for good, bad in found.log_probabilities]
    assert found.accuracy == (0.5 + right[0] + right[2]) / 3
    assert found.interval == wilson_interval(found.accuracy * 3, 3)
    cat = next(scorer.score([Passage.of(scorer.words, "the cat sees", "x")]))
    assert found.log_probabilities[0][0] == pytest.approx(-cat.nats, rel=1e-12)
    assert found.ties == (1,)
    assert found.share_same == pytest.approx(1 / 3)
    assert found.share_unknown == pytest.approx(2 / 3)
    assert found.accuracy_known == right[0]
    assert found.log_probabilities[1][0] == found.log_probabilities[1][1] < 0
    with pytest.raises(FrozenInstanceError):
        found.accuracy = 1.0  # type: ignore[misc]


def test_no_pairs_are_refused_and_a_blank_one_is_named(scorer: Scorer) -> None:
    with pytest.raises(CorpusError, match="no pair of sentences"):
        compare(scorer, iter(()))
    with pytest.raises(CorpusError, match=r"pairs\[1\], line 1: the good sentence is blank"):
        compare(scorer, [("a", "a cat"), ("", "b")])


def test_no_more_pairs_are_read_than_are_scored(
    scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rnnlm_cli.scoring.passages._WINDOW", 4)
    read = count()

    def endless() -> Iterator[tuple[str, str]]:
        while True:
            if next(read) == 10:
                raise InterruptedError
            yield "a cat", "a dog"

    words = list[int]()
    with pytest.raises(InterruptedError):
        compare(scorer, endless(), progress=words.append)
    assert sum(words) == 10 * 2 * 3


_WITHOUT_AN_ORDER = {"good": "the cat", "bad": "cat the"}, {"the cat", "cat the"}


@pytest.mark.parametrize(
    "row", [("the",), ("a", "b", "c"), "ab", ("the", 7), None, *_WITHOUT_AN_ORDER]
)
def test_a_row_that_is_no_pair_is_told_with_its_number(scorer: Scorer, row: Any) -> None:
    with pytest.raises(CorpusError, match=r"pairs\[1\]: .*two texts were needed"):
        compare(scorer, [("the cat", "the dog"), row])
