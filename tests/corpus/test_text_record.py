"""What a model knows of its text, and other texts as its ids."""

from dataclasses import replace

import numpy as np
import pytest

from rnnlm_cli.corpus.cutting.scripts import tables
from rnnlm_cli.corpus.cutting.units import Tokenizer
from rnnlm_cli.corpus.text_record import TextRecord, encode_given
from rnnlm_cli.errors import ConfigError, CorpusError, VocabularyError
from rnnlm_cli.settings.text import CorpusConfig
from tests.models import pieces_record, record_of


@pytest.fixture
def record() -> TextRecord:
    return record_of("the", "old", "cat", "child")


def test_a_record_says_how_its_text_was_cut(record: TextRecord) -> None:
    assert record.tokenizer == Tokenizer("word", rule=1)  # as files of earlier versions mean it
    assert record_of(lower=True).tokenizer == Tokenizer("word", lower=True, rule=1)
    assert replace(record, rule=2).tokenizer == Tokenizer("word")
    for unknown in ({"rule": 3}, {"config": CorpusConfig()}):
        with pytest.raises(ConfigError):
            replace(record, **unknown)


def test_a_text_to_score_ends_its_last_line() -> None:
    ids = encode_given(record_of("you", "say", lower=True), "You\r\nsay", "--text").ids
    assert ids.dtype == np.int32
    assert ids.tolist() == [0, 2, 1, 2]


@pytest.mark.parametrize(
    ("text", "characters"),
    [("You say", 8), ("You say\n", 8), ("\ufeffYou\r\nsay\r", 8), ("  you  \n\n\u3000İ", 12)],
)
def test_the_characters_of_a_text_are_its_own_and_every_line_end(
    text: str, characters: int
) -> None:
    record = record_of("you", "say", "<unk>", lower=True)
    scored = encode_given(record, text, "--text")
    assert (scored.characters, scored.eos_id, scored.unk_id, scored.lower) == (
        characters,
        3,
        2,
        True,
    )
    assert not scored.ids.flags.writeable


def test_the_characters_of_records_are_those_that_are_read(record: TextRecord) -> None:
    poems = replace(record, config=replace(record.config, record="paragraph"))
    text = encode_given(poems, "\nthe cat\n\n\nold\n", "t")
    assert (len(text), text.characters) == (7, len("the cat\n\nold\n\n"))


def test_what_an_earlier_model_wrote_of_unknown_words_is_scored_as_such() -> None:
    with_unk = record_of("the", "cat", "<unk>")
    assert encode_given(with_unk, "the <unk> cat", "--text").ids.tolist() == [0, 2, 1, 3]
    without = record_of("the", "<", "unk", ">")  # to which they are characters, as in its text
    assert encode_given(without, "the <unk>", "--text").ids.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("text", ["", " \n", "\u3000"])
def test_a_text_to_score_needs_a_word(text: str, record: TextRecord) -> None:
    with pytest.raises(CorpusError, match=r"^--text: no words"):
        encode_given(record, text, "--text")


def test_a_text_to_score_names_its_unknown_word() -> None:
    with pytest.raises(VocabularyError, match=r"^--text, line 2: the word 'z'"):
        encode_given(record_of("a"), "a\na z", "--text")


def test_other_tables_are_told_where_they_may_matter() -> None:
    old = replace(record_of("caf\xe9", "字", "😀", "🫠"), rule=2, unicode="9.0.0, regex 1")
    young = replace(old, words=(*old.words, "\ua7aa"))  # a letter of Unicode 6.0
    assert old.notes == []
    (note,) = young.notes
    assert note.startswith("its text was cut by Unicode 9.0.0, regex 1, and here it would be by")
    assert replace(young, unicode="").notes == replace(young, unicode=tables()).notes == []


def test_a_record_of_pieces_has_the_words_that_its_merges_make() -> None:
    record = pieces_record()
    assert replace(record, words=record.words[::-1]).tokenizer == record.tokenizer
    assert replace(record, words=(*record.words, "<unk>")).vocabulary.unk_id == len(record.words)
    for words in (record.words[1:], (*record.words, "more"), record.words[:256]):
        with pytest.raises(ConfigError, match="not the pieces that the merges make"):
            replace(record, words=words)
    for wrong in ({"rule": 1}, {"config": CorpusConfig(unit="word")}, {"merges": ((9, 999),)}):
        with pytest.raises(ConfigError):
            replace(record, **wrong)


def test_nothing_is_unknown_to_pieces() -> None:
    scored = encode_given(pieces_record(), "猫 <unk> \x00\n", "x")
    assert (scored.unknown, scored.characters, len(scored)) == (0, 10, 12)
