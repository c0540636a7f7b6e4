"""What a model knows of its text, and the ids of what a user asks for."""

from dataclasses import replace

import numpy as np
import pytest

from rnnlm_cli.corpus.cutting.scripts import tables
from rnnlm_cli.corpus.cutting.units import Tokenizer
from rnnlm_cli.corpus.text_record import (
    TextRecord,
    banned_ids,
    blank_ids,
    encode_given,
    phrase_ids,
    word_id,
)
from rnnlm_cli.corpus.vocabulary import EOS
from rnnlm_cli.errors import ConfigError, CorpusError, VocabularyError
from rnnlm_cli.settings.text import CorpusConfig
from tests.models import pieces_record


def record_of(*words: str, lower: bool = False) -> TextRecord:
    config = CorpusConfig(unit="word", lower=lower)
    return TextRecord(corpus="t", sha256="0", config=config, words=(*words, EOS))


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


def test_other_tables_are_told_where_they_may_matter() -> None:
    old = replace(record_of("caf\xe9", "字", "😀", "🫠"), rule=2, unicode="9.0.0, regex 1")
    young = replace(old, words=(*old.words, "\ua7aa"))  # a letter of Unicode 6.0
    assert old.notes == []
    (note,) = young.notes
    assert note.startswith("its text was cut by Unicode 9.0.0, regex 1, and here it would be by")
    assert replace(young, unicode="").notes == replace(young, unicode=tables()).notes == []


def test_unk_is_banned_unless_it_is_wanted(record: TextRecord) -> None:
    text = replace(record, words=("<unk>", "the", "<eos>"))
    assert banned_ids(text, ["the"], unk=False) == {0, 1}
    assert banned_ids(text, [], unk=True) == set()
    assert word_id(text, "the", "--nearest") == 1


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


def test_a_word_of_pieces_is_the_one_behind_a_blank() -> None:
    record = pieces_record()
    assert word_id(record, "the", "x") == record.vocabulary.ids[" the"]
    assert word_id(record, "at", "x") == record.vocabulary.ids["at"]
    assert word_id(record, "<eos>", "x") == 10
    assert banned_ids(record, ["the", ","], unk=False) == {257, 258, ord(",")}
    with pytest.raises(VocabularyError, match=r"'cats' is not .*: its pieces are 'c', 'at', 's'"):
        word_id(record, "cats", "x")


def test_nothing_is_unknown_to_pieces() -> None:
    scored = encode_given(pieces_record(), "猫 <unk> \x00\n", "x")
    assert (scored.unknown, scored.characters, len(scored)) == (0, 10, 12)


def test_a_piece_that_is_part_of_a_character_is_not_blank() -> None:
    record = pieces_record()
    blank = {record.words[i] for i in blank_ids(record)}
    assert blank == {*"\t\v\f\r ", "\\x1c", "\\x1d", "\\x1e", "\\x1f"}
