import numpy as np
import pytest

from rnnlm_cli.corpus.text_record import TextRecord
from rnnlm_cli.settings.text import CorpusConfig
from rnnlm_cli.tasks.passage import Passage
from rnnlm_cli.tasks.scorer import ScoredPassage, Scorer
from rnnlm_cli.tasks.sums import LineScore, _words, word_scores


def scored(scorer: Scorer, text: str) -> ScoredPassage:
    (found,) = scorer.score([Passage.of(scorer.words, text, "x")], guesses=0)
    return found


def in_characters(scorer: Scorer, text: str) -> Scorer:
    config = CorpusConfig(unit="char")
    words = ("<eos>", *sorted(set(text) - {"\n"}), *"0123456789")
    record = TextRecord(
        corpus="x", sha256="", config=config, words=words[: len(scorer.words.words)]
    )
    return Scorer(scorer.model, record)


def test_tokens_between_two_blanks_are_one_word(scorer: Scorer) -> None:
    rows = list(word_scores(scorer, found := scored(scorer, "the  old-cat. sees"), 3))
    assert [row.word for row in rows] == ["the", "old-cat.", "sees", "<eos>"]
    assert [(row.n_tokens, row.n_unknown) for row in rows] == [(1, 0), (2, 1), (1, 0), (1, 0)]
    assert rows[1].log_probability == pytest.approx(-found.scores.nats[1:3].sum())
    assert rows[1].surprisal == pytest.approx(-rows[1].log_probability / np.log(2))
    assert found.scores.predictions is not None
    assert rows[1].rank == found.scores.predictions.ranks[1]
    assert (rows[1].sentence_id, rows[1].word_id) == (3, 2)


def test_a_blank_that_is_a_token_belongs_to_the_word_behind_it(scorer: Scorer) -> None:
    text = " ab  c\nb \n"
    letters = in_characters(scorer, text)
    passage = Passage.of(letters.words, text, "x")
    parts = [(passage.text[part.start : part.stop], word) for part, word, _ in _words(passage)]
    assert parts == [(" ab", "ab"), ("  c", "c"), ("\n", "<eos>"), ("b", "b"), (" \n", "<eos>")]
    assert [first for _, _, first in _words(passage)] == [1, 5, 6, 7, 9]


def test_nothing_is_lost_between_the_words(scorer: Scorer) -> None:
    found = scored(scorer, "the cat . sees\n\na dog")
    total = sum(row.log_probability for row in word_scores(scorer, found))
    assert total == pytest.approx(-found.nats)


def test_a_line_has_its_sums_and_a_mean(scorer: Scorer) -> None:
    row = LineScore.of(scorer, found := scored(scorer, "the old zebra"), 2)
    assert (row.n_tokens, row.n_unknown, row.sentence_id) == (4, 1, 2)
    assert row.log_probability == -found.nats
    assert row.perplexity == pytest.approx(np.exp(found.scores.nats.mean()))


def test_the_pieces_between_two_blanks_are_one_word(in_pieces: Scorer) -> None:
    found = scored(in_pieces, "the  cats, のこ")
    rows = list(word_scores(in_pieces, found))
    assert [(row.word, row.n_tokens) for row in rows] == [
        ("the", 1),
        ("cats,", 4),  # with the blank that is a token
        ("のこ", 5),
        ("<eos>", 1),
    ]
    assert rows[1].log_probability == pytest.approx(-found.scores.nats[1:5].sum())
    assert found.scores.predictions is not None
    assert rows[1].rank == found.scores.predictions.ranks[2]
    assert rows[2].n_unknown == 0
