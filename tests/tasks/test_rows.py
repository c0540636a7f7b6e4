from collections import deque
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.corpus.text_record import encode_given
from rnnlm_cli.errors import ConfigError, VocabularyError
from rnnlm_cli.scoring import passages
from rnnlm_cli.scoring.evaluation import evaluate
from rnnlm_cli.settings.score import ScoreConfig
from rnnlm_cli.settings.text import CorpusConfig, Record
from rnnlm_cli.tasks.passage import Passage
from rnnlm_cli.tasks.rows import (
    Row,
    Scored,
    as_row,
    beside,
    figures,
    lines_of,
    nbest_lines,
    score_lines,
)
from rnnlm_cli.tasks.scorer import Scorer
from tests.peaks import peak_bytes

TEXT = "the old cat\n\na dog sees the zebra.\nthe cat"


def rows(scorer: Scorer, text: str = TEXT, **given: Any) -> list[Row]:
    config = ScoreConfig(**given)
    read = score_lines(scorer, lines_of(text), "x", config)
    return [as_row(score) for each in figures(scorer, read, config) for score in each]


def test_lines_are_scored_by_themselves_and_a_text_as_one(scorer: Scorer) -> None:
    alone = rows(scorer, "a dog\n")
    lines, whole = (
        rows(scorer, "the cat\na dog\n"),
        rows(scorer, "the cat\na dog\n", context="text"),
    )
    assert [row["surprisal"] for row in lines[3:]] == pytest.approx([r["surprisal"] for r in alone])
    assert whole[3]["surprisal"] != pytest.approx(lines[3]["surprisal"])
    assert [row["sentence_id"] for row in lines] == [1, 1, 1, 2, 2, 2]
    assert [row["sentence_id"] for row in whole] == [1] * 6


@pytest.mark.parametrize("by", ["token", "word", "line"])
def test_surprisals_of_a_text_sum_to_what_an_evaluation_says(scorer: Scorer, by: str) -> None:
    ids = Passage.of(scorer.words, TEXT, "x").ids
    bits = evaluate(scorer.model, EncodedText(ids, eos_id=0)).bits_per_token * len(ids)
    assert sum(row["surprisal"] for row in rows(scorer, by=by, context="text")) == pytest.approx(
        bits
    )


MARKED = "\nthe <unk> sees\n\n\na dog\n \nthe cat"


@pytest.mark.parametrize(("rule", "record"), [(1, None), (2, "line"), (2, "paragraph")])
@pytest.mark.parametrize("eos", [True, False])
def test_a_text_is_read_as_an_evaluation_reads_it(
    scorer: Scorer, rule: int, record: Record | None, eos: bool
) -> None:
    words = replace(scorer.words, rule=rule, config=CorpusConfig(unit="word", record=record))
    given = encode_given(words, MARKED, "x")
    found = rows(replace(scorer, words=words), MARKED, context="text", eos=eos)
    assert len(found) == np.count_nonzero(eos | (given.ids != given.eos_id))
    if eos:
        mean = evaluate(scorer.model, given).bits_per_token
        assert np.mean([row["surprisal"] for row in found]) == pytest.approx(mean)


def test_line_ends_are_context_also_where_they_are_not_asked_for(scorer: Scorer) -> None:
    all_of, some = rows(scorer, context="text"), rows(scorer, context="text", eos=False)
    kept = [row["surprisal"] for row in all_of if row["token"] != "<eos>"]
    assert [row["surprisal"] for row in some] == kept
    (nothing, _) = rows(scorer, "\nthe", by="line", eos=False)
    assert repr(nothing["log_probability"]) == "0.0"  # and not -0.0


def test_lines_have_log_probabilities_in_the_base_that_is_asked(scorer: Scorer) -> None:
    nats, tens = rows(scorer, by="line"), rows(scorer, by="line", log_base="10")
    assert len(nats) == 4
    for one, other in zip(nats, tens, strict=True):
        assert other["log_probability"] == pytest.approx(one["log_probability"] / np.log(10))


def test_guesses_are_columns_with_their_probabilities(scorer: Scorer) -> None:
    row = rows(scorer, "the", guesses=2)[0]
    assert list(row)[-4:] == ["guess1", "probability1", "guess2", "probability2"]
    assert row["probability1"] >= row["probability2"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"guesses": 1, "by": "line"}, "guesses are of tokens"),
        ({"form": "kaldi"}, "n-best"),
        ({"form": "srilm", "by": "line", "context": "text"}, "n-best"),
        ({"log_base": "2"}, "base"),
        ({"guesses": -1}, "guesses is -1"),
    ],
)
def test_what_does_not_go_together_is_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        ScoreConfig(**given)


def test_an_n_best_list_keeps_its_lines(scorer: Scorer) -> None:
    config = ScoreConfig(by="line", form="kaldi")
    first, empty, second = nbest_lines(scorer, lines_of("u1 the cat\n\nu2 a dog\n"), "x", config)
    (cost,) = (-row["log_probability"] for row in rows(scorer, "the cat", by="line"))
    assert float(first.removeprefix("u1 ")) == pytest.approx(cost)
    assert (empty, second[:3]) == ("", "u2 ")
    (nothing,) = nbest_lines(scorer, lines_of("u1\n"), "x", replace(config, eos=False))
    assert nothing == "u1 0.0"


def test_srilm_takes_logarithms_to_the_base_of_ten(scorer: Scorer) -> None:
    config = ScoreConfig(by="line", form="srilm")
    (line,) = nbest_lines(scorer, lines_of("-1 -2 2 the cat\n"), "x", config)
    (tens,) = rows(scorer, "the cat", by="line", log_base="10")
    assert float(line.split()[1]) == pytest.approx(tens["log_probability"])


def test_two_models_stand_side_by_side_with_their_difference(scorer: Scorer) -> None:
    config = ScoreConfig()
    read = score_lines(scorer, lines_of(TEXT), "x", config)
    flat = [score for each in figures(scorer, read, config) for score in each]
    (row, *_) = beside(flat, flat)
    assert list(row)[-2:] == ["surprisal_2", "difference"]
    assert (row["surprisal_2"], row["difference"]) == (flat[0].surprisal, 0)
    with pytest.raises(ConfigError, match="words or lines"):
        list(beside(flat, flat[1:]))


def test_a_model_that_leaves_out_an_empty_line_is_not_put_beside_one_that_does_not(
    scorer: Scorer,
) -> None:
    def words(record: Record | None) -> list[Scored]:
        text = replace(scorer.words, rule=2, config=CorpusConfig(unit="word", record=record))
        model, config = replace(scorer, words=text), ScoreConfig(by="word", context="text")
        read = score_lines(model, lines_of("the cat\n\n"), "x", config)
        return [score for each in figures(model, read, config) for score in each]

    one, other = words(None), words("line")
    assert len(one) == len(other) + 1
    for pair in ((one, other), (other, one)):
        with pytest.raises(ConfigError, match="their words cannot be compared: compare lines"):
            list(beside(*pair))


def test_a_word_that_has_no_id_is_told_with_its_line(scorer: Scorer) -> None:
    words = tuple("unk" if word == "<unk>" else word for word in scorer.words.words)
    known = Scorer(scorer.model, replace(scorer.words, words=words))
    with pytest.raises(VocabularyError, match="x, line 3: the word 'zebra'"):
        rows(known)


def test_lines_end_at_line_feeds_alone() -> None:
    assert list(lines_of("a\x0cb\u2028c\n\nd")) == ["a\x0cb\u2028c", "", "d"]
    assert list(lines_of("a\n")) == ["a"]


def test_rows_take_the_same_memory_however_many_lines_there_are(
    scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passages, "_WINDOW", 16)
    config = ScoreConfig()

    def peak(lines: int) -> int:
        text = "the old cat sees a dog\n" * lines

        def work() -> None:
            deque(figures(scorer, score_lines(scorer, lines_of(text), "x", config), config), 0)

        return peak_bytes(work, again=1)

    assert peak(400) < 2 * peak(100)  # as a list 4 times; Python keeps some freed tuples
