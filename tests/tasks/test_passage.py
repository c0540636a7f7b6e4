from dataclasses import replace

import pytest

from rnnlm_cli.corpus.text_record import TextRecord
from rnnlm_cli.settings.text import CorpusConfig, Unit
from rnnlm_cli.tasks.passage import Passage
from tests.models import pieces_record


def record(unit: Unit, *words: str, lower: bool = False) -> TextRecord:
    config = CorpusConfig(unit=unit, lower=lower)
    return TextRecord(corpus="x", sha256="", config=config, words=("<eos>", "<unk>", *words))


def spelt(passage: Passage) -> list[str]:
    return [passage.word(index) for index in range(len(passage.ids))]


@pytest.mark.parametrize(
    ("unit", "text", "words"),
    [
        (
            "word",
            "A cat's  nap (3.14),\n\n no!\tx",
            "A cat's nap ( 3.14 ) , <eos> <eos> no ! x <eos>",
        ),
        ("whitespace", "  a <unk> .\nb <eos>\nc", "a <unk> . <eos> b <eos> c <eos>"),
        ("word", "no end\n", "no end <eos>"),
    ],
)
def test_every_token_is_found_where_it_stands(unit: Unit, text: str, words: str) -> None:
    passage = Passage.of(record(unit), text, "x")
    assert spelt(passage) == words.split()


def test_characters_stand_one_behind_the_other_blanks_too() -> None:
    passage = Passage.of(record("char"), "a b\n", "x")
    assert passage.spans == ((0, 1), (1, 2), (2, 3), (3, 4))
    assert spelt(passage) == ["a", " ", "b", "<eos>"]


def test_white_space_begins_with_what_is_behind_it() -> None:
    passage = Passage.of(record("char"), " a  b\n", "x")
    assert passage.begins().tolist() == [1, 1, 4, 4, 4, 6]  # nothing is behind the line end


def test_a_word_is_spelt_as_in_the_text_where_the_model_reads_another() -> None:
    passage = Passage.of(record("word", "the", lower=True), "The Zebra", "x")
    assert spelt(passage) == ["The", "Zebra", "<eos>"]
    assert passage.ids.tolist() == [2, 1, 0]


def test_an_open_end_has_no_line_end() -> None:
    assert spelt(Passage.of(record("word"), "a b", "x", eos=False)) == ["a", "b"]


def test_a_letter_that_becomes_two_when_it_becomes_small_shifts_nothing() -> None:
    words = Passage.of(record("word", lower=True), "\u0130a The", "x")
    assert spelt(words) == ["\u0130a", "The", "<eos>"]
    assert spelt(Passage.of(record("char", lower=True), "\u0130A", "x"))[:3] == [
        "\u0130",
        "\u0130",
        "A",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cafe\u0301s (C++): a.b\n  x", "cafe\u0301s ( C++ ) : a .  b <eos> \u2420 x <eos>"),
        ("\u0958 e\u0301!", "\u0958 e\u0301 ! <eos>"),  # two for one, then one for two
        ("see\u00a0https://ex.org/3!", "see \u00a0 https://ex.org/3 ! <eos>"),
    ],
)
def test_by_the_newest_rule_too_every_token_is_found(text: str, words: str) -> None:
    made = replace(record("word"), rule=2, words=("<eos>", "<unk>", "<join>", "  ", "\u00a0"))
    passage = Passage.of(made, text, "x")
    shown = [w.replace("  ", "\u2420") for w in spelt(passage)]
    assert shown == words.split(" ")
    whole = "".join(passage.text[start:end] for start, end in passage.spans)
    assert whole.replace(" ", "") == f"{text}\n".replace(" ", "")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("the cat,\n\n  the", ["the", "cat", ",", "<eos>", "<eos>", " ", "the", "<eos>"]),
        ("a <eos>\nc", ["a", "<eos>", "c", "<eos>"]),
        ("a <unk>", ["a", " ", *"<unk>", "<eos>"]),  # the vocabulary has none
        ("a e\u0301", ["a", " ", "", "e\u0301", "<eos>"]),  # the two bytes of é are read
        ("のこ", ["", "の", "", "こ", "<eos>"]),  # a character is where its last byte is
        ("a\ud800b", ["a", "", "", "\ud800", "b", "<eos>"]),
    ],
)
def test_every_piece_is_found_where_it_stands(text: str, words: list[str]) -> None:
    assert spelt(Passage.of(pieces_record(), text, "x")) == words


def test_unk_is_a_piece_where_the_vocabulary_has_it() -> None:
    passage = Passage.of(pieces_record((), "<unk>"), "a <unk>b", "x")
    assert spelt(passage) == ["a", " ", "<unk>", "b", "<eos>"]


def test_pieces_of_capitals_that_were_made_small_are_spelt_as_in_the_text() -> None:
    record = pieces_record()
    small = replace(record, config=replace(record.config, lower=True))
    passage = Passage.of(small, "The \u0130THE", "x")
    assert spelt(passage) == ["The", " ", "\u0130", "THE", "<eos>"]


@pytest.mark.parametrize("text", ["you\n<eos>\nsay hello", "you <eos> say hello", "<eos>\nyou say"])
def test_where_no_word_is_a_line_end_one_that_is_spelt_out_is_passed_over(text: str) -> None:
    made = replace(record("preprocess"), words=("you", "say", "hello"))
    passage = Passage.of(made, text, "x")
    assert spelt(passage) == [word for word in text.split() if word != "<eos>"]
    assert len(passage.spans) == len(passage.ids)


def test_a_line_end_that_is_spelt_out_may_be_the_word_of_a_line_feed() -> None:
    made = replace(record("preprocess"), words=("you", "\n", "say"))
    passage = Passage.of(made, "you <eos> say", "x")
    assert passage.ids.tolist() == [0, 1, 2]
    assert [passage.text[start:end] for start, end in passage.spans[:3]] == ["you", "<eos>", "say"]
