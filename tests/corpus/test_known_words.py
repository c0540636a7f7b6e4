"""Words that somebody names, as ids of a vocabulary."""

from dataclasses import replace

import pytest

from rnnlm_cli.corpus.known_words import banned_ids, blank_ids, phrase_ids, word_id
from rnnlm_cli.corpus.text_record import TextRecord, encode_given
from rnnlm_cli.errors import VocabularyError
from tests.models import pieces_record, record_of


@pytest.fixture
def record() -> TextRecord:
    return record_of("the", "old", "cat", "child")


def test_options_lower_their_words_as_the_text_was(record: TextRecord) -> None:
    lower = replace(record, config=replace(record.config, lower=True))
    assert word_id(lower, "Cat", "--skip") == word_id(lower, "cat", "--skip")
    with pytest.raises(VocabularyError):
        word_id(record, "Cat", "--skip")


def test_a_line_end_may_stand_in_the_start(record: TextRecord) -> None:
    eos = record.vocabulary.eos_id
    ids = phrase_ids(record, "the<eos> old", "start")
    assert [i == eos for i in ids] == [False, True, False]


def test_an_unknown_start_word_gets_the_words_spelt_alike(record: TextRecord) -> None:
    with pytest.raises(VocabularyError, match=r"^start: the word 'chidl' .* 'child'"):
        phrase_ids(record, "the chidl", "start")


def test_a_start_and_a_text_are_read_alike() -> None:
    record = replace(record_of("caf\xe9", "<unk>", ",", "you", lower=True), rule=2)
    for text in ("Cafe\u0301, <unk> you", "you <eos> <unk>", "\ufeffYOU\r\n,you"):
        begun = phrase_ids(record, text, "start")
        assert [*begun, record.vocabulary.eos_id] == encode_given(record, text, "").ids.tolist()


def test_a_word_of_an_option_may_be_decomposed() -> None:
    for rule in (1, 2):
        assert word_id(replace(record_of("caf\xe9"), rule=rule), "cafe\u0301", "--skip") == 0


def test_unk_is_banned_unless_it_is_wanted(record: TextRecord) -> None:
    text = replace(record, words=("<unk>", "the", "<eos>"))
    assert banned_ids(text, ["the"], unk=False) == {0, 1}
    assert banned_ids(text, [], unk=True) == set()
    assert word_id(text, "the", "--nearest") == 1


def test_a_word_of_pieces_is_the_one_behind_a_blank() -> None:
    record = pieces_record()
    assert word_id(record, "the", "x") == record.vocabulary.ids[" the"]
    assert word_id(record, "at", "x") == record.vocabulary.ids["at"]
    assert word_id(record, "<eos>", "x") == 10
    assert banned_ids(record, ["the", ","], unk=False) == {257, 258, ord(",")}
    with pytest.raises(VocabularyError, match=r"'cats' is not .*: its pieces are 'c', 'at', 's'"):
        word_id(record, "cats", "x")


def test_a_piece_that_is_part_of_a_character_is_not_blank() -> None:
    record = pieces_record()
    blank = {record.words[i] for i in blank_ids(record)}
    assert blank == {*"\t\v\f\r ", "\\x1c", "\\x1d", "\\x1e", "\\x1f"}
