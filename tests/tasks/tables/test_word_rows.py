import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.corpus.cutting.units import Tokenizer
from rnnlm_cli.errors import CorpusError, VocabularyError
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.settings.table import Punctuation, TableConfig
from rnnlm_cli.settings.text import Unit
from rnnlm_cli.tasks.scorer import Scorer
from rnnlm_cli.tasks.tables.in_memory import DictRows
from rnnlm_cli.tasks.tables.word_rows import WORD_COLUMNS, Joined, score_words
from tests.tasks.tables.conftest import scorer_of, tokens_of

Row = dict[str, Any]


def scored(scorer: Scorer, words: list[Any], **config: Any) -> list[Row]:
    figures = score_words(
        scorer, DictRows([{"word": word} for word in words]), TableConfig(**config)
    )
    return [dict(zip(WORD_COLUMNS, row, strict=True)) for row in figures.rows()]


def test_a_word_has_the_sums_of_its_tokens_and_what_was_expected_at_the_first(
    scorer: Scorer,
) -> None:
    words = ["the", "old", '("zebra.)', "cat"]
    tokens = tokens_of(scorer, " ".join(words))
    parts = [tokens[:1], tokens[1:2], tokens[2:7], tokens[7:8]]
    for row, part in zip(scored(scorer, words), parts, strict=True):
        assert row["surprisal"] == pytest.approx(sum(token.surprisal for token in part))
        assert row["log_probability"] == pytest.approx(sum(t.log_probability for t in part))
        assert (row["entropy"], row["rank"]) == (part[0].entropy, part[0].rank)
        assert row["n_tokens"] == len(part)
        assert row["n_unknown"] == sum(token.is_unknown for token in part)


def scorer_without_eos() -> Scorer:
    whole = scorer_of("word")
    words = whole.words.words[1:]
    model = LanguageModel(len(words), whole.model.config, rng=np.random.default_rng(0))
    return Scorer(model, replace(whole.words, words=words))


def test_a_text_whose_only_token_is_context_has_no_figures() -> None:
    (row,) = scored(scorer_without_eos(), ["cat"])
    assert (row["n_tokens"], row["surprisal"], row["entropy"], row["rank"]) == (0, None, None, None)


@pytest.mark.parametrize("punctuation", ["count", "ignore", "missing"])
def test_without_an_eos_the_first_token_is_context_alone(punctuation: Punctuation) -> None:
    scorer = scorer_without_eos()
    rows = scored(scorer, ["the", "old", "cat"], punctuation=punctuation)
    assert [row["n_tokens"] for row in rows] == [0, 1, 1]
    assert rows[0]["surprisal"] is None
    tokens = tokens_of(scorer, "the old cat")[:2]
    assert [row["surprisal"] for row in rows[1:]] == [token.surprisal for token in tokens]


def test_what_is_invisible_around_a_word_is_none_of_it(scorer: Scorer) -> None:
    odd = scored(scorer, [" \ufeffthe", "\ufeff old\r", "cat"], sep="\r")
    assert odd == scored(scorer, ["the", "old", "cat"], sep="\n")


def test_the_first_word_of_a_text_is_marked_and_each_other_has_the_surprisal_before_it(
    scorer: Scorer,
) -> None:
    rows = scored(scorer, ["the", "old", "cat"])
    assert [row["is_first"] for row in rows] == [True, False, False]
    before = [None, *(row["surprisal"] for row in rows[:-1])]
    assert [row["surprisal_previous"] for row in rows] == before


def test_each_group_begins_after_a_line_end_and_figures_stay_in_their_row(scorer: Scorer) -> None:
    rows = [("b", 2, "cat"), ("a", 1, "the"), ("b", 1, "old"), ("a", 2, "cat")]
    table = DictRows([{"item": item, "zone": zone, "word": word} for item, zone, word in rows])
    config = TableConfig(group_by=("item",), order_by="zone")
    found = list(score_words(scorer, table, config).column("surprisal"))
    one, other = tokens_of(scorer, "the cat"), tokens_of(scorer, "old cat")
    expected = [other[1], one[0], other[0], one[1]]
    assert found == pytest.approx([token.surprisal for token in expected])


@pytest.mark.parametrize("unit", ["word", "whitespace", "char"])
def test_surprisals_of_words_add_up_to_that_of_the_text(unit: Unit) -> None:
    scorer, words = scorer_of(unit), ['"the', "cat", "it's", "zebra,", "sees."]
    tokens = tokens_of(scorer, " ".join(words))
    rows = scored(scorer, words)
    assert sum(row["surprisal"] for row in rows) == pytest.approx(
        sum(token.surprisal for token in tokens[:-1])
    )
    assert sum(row["n_tokens"] for row in rows) == len(tokens) - 1


def test_a_blank_that_is_a_token_belongs_to_the_word_behind_it() -> None:
    scorer = scorer_of("char")
    tokens = tokens_of(scorer, "a cat")
    first, second = scored(scorer, ["a", "cat"])
    assert first["surprisal"] == pytest.approx(tokens[0].surprisal)
    assert second["surprisal"] == pytest.approx(sum(token.surprisal for token in tokens[1:5]))
    assert (second["entropy"], second["rank"]) == (tokens[2].entropy, tokens[2].rank)
    assert second["n_tokens"] == 4


def test_a_token_may_hold_the_blank_before_its_word(monkeypatch: pytest.MonkeyPatch) -> None:
    def cut(self: Tokenizer, text: str, *, open_end: bool = False) -> list[str]:
        return ["the", " old", " ", "cat"]

    scorer = scorer_of("word")
    monkeypatch.setattr(Tokenizer, "tokenize", cut)
    monkeypatch.setattr(
        "rnnlm_cli.tasks.passage.spans_of", lambda tokens, text: ((0, 3), (3, 7), (7, 8), (8, 11))
    )
    assert [row["n_tokens"] for row in scored(scorer, ["the", "old", "cat"])] == [1, 1, 2]


def test_a_word_of_two_words_has_the_tokens_of_both(scorer: Scorer) -> None:
    rows = scored(scorer, ["the", "new york", "cat"])
    assert [row["n_tokens"] for row in rows] == [1, 2, 1]


def test_white_space_around_a_word_is_none_of_it() -> None:
    scorer = scorer_of("char")
    assert scored(scorer, [" the\n", "\ufeffcat\t"]) == scored(scorer, ["the", "cat"])


@pytest.mark.parametrize("missing", ["", " ", None, math.nan])
def test_a_row_without_a_word_has_no_figures_and_no_token(scorer: Scorer, missing: object) -> None:
    rows = scored(scorer, ["the", missing, "cat"])
    assert set(rows[1].values()) == {None}
    assert [rows[0], rows[2]] == scored(scorer, ["the", "cat"])


@pytest.mark.parametrize(
    ("punctuation", "kept"),
    [("count", [[0, 1], [2], [3, 4, 5], [6]]), ("ignore", [[1], [2], [4], []])],
)
def test_punctuation_counts_or_is_ignored(punctuation: Punctuation, kept: list[list[int]]) -> None:
    scorer = scorer_of("word")
    words = ["(the", "it's", '"cat,', "."]
    tokens = tokens_of(scorer, " ".join(words))
    rows = scored(scorer, words, punctuation=punctuation)
    for row, part in zip(rows, kept, strict=True):
        bits = sum(tokens[index].surprisal for index in part)
        assert row["n_tokens"] == len(part)
        assert row["surprisal"] == (pytest.approx(bits) if part else None)
        assert row["rank"] == (tokens[part[0]].rank if part else None)


def test_signs_inside_a_word_are_not_ignored_nor_is_its_blank() -> None:
    scorer = scorer_of("char")
    rows = scored(scorer, ["a", "it's,", '"'], punctuation="ignore")
    assert [row["n_tokens"] for row in rows] == [1, 5, 0]


@pytest.mark.parametrize("unit", ["word", "whitespace"])
def test_a_word_that_begins_or_ends_with_a_sign_has_no_figures_where_punctuation_is_missing(
    unit: Unit,
) -> None:
    rows = scored(scorer_of(unit), ["the", "cat,", "<unk>", "it's", "$5"], punctuation="missing")
    names = "surprisal", "log_probability", "entropy", "rank"
    assert [all(row[name] is None for name in names) for row in rows] == [0, 1, 0, 0, 1]
    assert rows[2]["surprisal_previous"] is None
    assert all(row["n_tokens"] for row in rows)


def test_words_may_stand_without_blanks_between_them() -> None:
    scorer = scorer_of("char")
    tokens = tokens_of(scorer, "thecat")
    rows = scored(scorer, ["the", "cat"], sep="")
    assert rows[1]["surprisal"] == pytest.approx(sum(token.surprisal for token in tokens[3:6]))


def test_part_of_a_word_that_begins_no_token_has_no_figures(scorer: Scorer) -> None:
    rows = scored(scorer, ["ca", "t", "sees"], sep="")
    assert [row["n_tokens"] for row in rows] == [1, 0, 0]
    assert rows[1]["surprisal"] is None


def test_letters_that_grow_when_they_become_small_do_not_shift_the_words() -> None:
    scorer = scorer_of("char", lower=True)
    rows = scored(scorer, ["\u0130a", "the", "cat"])
    assert [row["n_tokens"] for row in rows] == [3, 4, 4]


def test_progress_counts_words(scorer: Scorer) -> None:
    done: list[int] = []
    table = DictRows([{"word": "the", "item": item} for item in "aab"])
    score_words(scorer, table, TableConfig(group_by=("item",)), done.append)
    assert done == [2, 1]


def test_a_word_without_an_id_is_refused_with_its_row() -> None:
    with pytest.raises(VocabularyError, match="row 1 of the table, line 1: the word 'zebra' is"):
        scored(scorer_of("word", unk=False), ["the", "zebra"])


def test_what_is_no_text_is_refused(scorer: Scorer) -> None:
    with pytest.raises(CorpusError, match="row 1 of the table has '3' in 'word', which is no text"):
        scored(scorer, ["the", 3])


def test_a_table_of_no_words_has_no_figures(scorer: Scorer) -> None:
    assert scored(scorer, []) == []


def test_tokens_of_words_are_found_as_fast_as_the_text_grows(scorer: Scorer) -> None:
    words = ["the"] * 3000
    text = Joined.of(scorer, DictRows([]), list(range(3000)), words, " ")
    owners, white, between = text.owners()
    np.testing.assert_array_equal(owners, np.arange(3000))
    assert not (white | between).any()


def test_a_separator_that_is_more_than_white_space_is_of_no_word(scorer: Scorer) -> None:
    tokens = tokens_of(scorer, "the, cat")
    rows = scored(scorer, ["the", "cat"], sep=", ")
    assert scored(scorer, ["the", "cat"], sep=", ", punctuation="ignore") == rows
    assert [row["n_tokens"] for row in rows] == [1, 1]
    assert [row["surprisal"] for row in rows] == pytest.approx(
        [tokens[0].surprisal, tokens[2].surprisal]
    )
    assert rows[1]["rank"] == tokens[2].rank
