"""Reading, the unit, tokens and text again, the splits."""

import io
import os
import random
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlm_cli.corpus.cutting.units import NEWEST, Tokenizer
from rnnlm_cli.corpus.reading.decoding import read_text
from rnnlm_cli.corpus.splitting import split_text, unit_to_split
from rnnlm_cli.corpus.vocabulary import EOS, UNK
from rnnlm_cli.errors import ConfigError, CorpusError
from rnnlm_cli.settings.text import Split, Unit

UNITS: tuple[Unit, ...] = ("whitespace", "word", "char")  # that know lines: one more does not
SPLITS: tuple[Split, ...] = ("train", "valid", "test")

# Words, signs that stick together, white space of every kind, and what looks like our marks.
SIGNS = "’—é\xa0\u3000\u0301\u200c\u2010\x1c"
SCRAPS = [*"ab1 \n\t.,'\"`-_/()", *SIGNS, "<eos>", "<unk>"]
texts = st.lists(st.sampled_from(SCRAPS)).map("".join) | st.text().map(
    lambda text: re.sub(r"\r\n?", "\n", text)
)


@pytest.mark.parametrize(
    ("data", "tokens"),
    [
        (b"one", "one <eos>"),
        (b"no end of line", "no end of line <eos>"),
        (b"a b\nc\n", "a b <eos> c <eos>"),
        (b"a\r\nb\r\n", "a <eos> b <eos>"),
        (b"a\rb\r", "a <eos> b <eos>"),
        (b"a\r\n\rb\n", "a <eos> <eos> b <eos>"),
        (b"\xef\xbb\xbfa\n", "a <eos>"),
        (b"a \xef\xbb\xbfb\n", "a \ufeffb <eos>"),  # only at the start it is a mark
        (b"a\n\n\nb", "a <eos> <eos> <eos> b <eos>"),
        (b"\n a\n", "<eos> a <eos>"),
        (b" a\tb\fc\vd \n", "a b c d <eos>"),
        (b"a <eos>\nb <eos> \n", "a <eos> b <eos>"),  # no second <eos>
        (b"a <eos> b", "a <eos> b <eos>"),
        (b"<eos>\n\n<eos>", "<eos> <eos> <eos>"),
        (b"a<eos> b", "a<eos> b <eos>"),
        ("a\xa0b".encode(), "a\xa0b <eos>"),
        ("a\u3000b".encode(), "a\u3000b <eos>"),
        ("a\u2028b\u2029c\x85d".encode(), "a\u2028b\u2029c\x85d <eos>"),
        (b"a\x1cb\x1fc", "a\x1cb\x1fc <eos>"),
        ("e\u0301 \U0001f600".encode(), "\xe9 \U0001f600 <eos>"),
        (b"x" * 70_000, "x" * 70_000 + " <eos>"),
    ],
)
def test_a_tiny_file_gives_these_tokens(data: bytes, tokens: str, tmp_path: Path) -> None:
    path = tmp_path / "tiny.txt"
    path.write_bytes(data)
    assert Tokenizer("whitespace").tokenize(read_text(path)) == tokens.split(" ")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "tiny.txt' is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b" \t\r\n\n", "only white space"),
        ("\u3000\n\xa0".encode(), "only white space"),
        (b"a\0b", r"looks binary \(a NUL byte at offset 1\)"),
        (b"abc\ncaf\xe9\n", "line 2, column 4: byte 0xe9 is not UTF-8"),
        (b"\xef\xbb\xbfab\x80", "line 1, column 3: byte 0x80 is not UTF-8"),
        (b"cut \xe3\x81", "line 1, column 5: byte 0xe3 is not UTF-8"),
        (b"\xed\xa0\x80", "line 1, column 1: byte 0xed is not UTF-8"),  # a lone surrogate
        ("text".encode("utf-16"), "is no UTF-8: it seems to be utf-16, which --encoding utf-16"),
        ("text".encode("utf-16-le"), "is no UTF-8: it seems to be utf-16-le"),
    ],
)
def test_a_file_that_is_no_text_is_refused(data: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "tiny.txt"
    path.write_bytes(data)
    with pytest.raises(CorpusError, match=message):
        read_text(path)


def test_a_path_that_cannot_be_read_is_refused_in_one_sentence(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, message in [
        (tmp_path, "is a folder"),
        (tmp_path / "none\x1b", r"none\\x1b': no such file"),
        (tmp_path / "pipe", "is a pipe or a device"),
        (Path("/dev/zero"), "is a pipe or a device"),
        (tmp_path / ("n" * 300), "cannot be read"),
        (Path("a\0b"), r"'a\\x00b' cannot be read"),
    ]:
        with pytest.raises(CorpusError, match=message):
            read_text(path)


def test_an_unreadable_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret.txt").write_text("a\n")

    def refuse(path: Path, flags: int) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(CorpusError, match=r"secret.txt' cannot be read \(Permission denied\)"):
        read_text(tmp_path / "secret.txt")


def test_a_hyphen_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a\r\nb")))
    assert read_text("-") == "a\nb"
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(CorpusError, match="standard input cannot be read"):
        read_text("-")


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Hello, world!", "Hello , world ! <eos>"),
        ("It's a well-known o'clock.", "It's a well-known o'clock . <eos>"),
        ("it’s 'quoted' -- yes...", "it’s ' quoted ' - - yes . . . <eos>"),
        ("3.14 1,000,000; 1,2 1,2345 v3.8.", "3.14 1,000,000 ; 1 , 2 1 , 2345 v3.8 . <eos>"),
        ("x_1=__init__(a.b)", "x_1 = __init__ ( a . b ) <eos>"),
        ("naïve e\u0301t हिन्दी می\u200cخواهم", "naïve e\u0301t हिन्दी می\u200cخواهم <eos>"),
        ("a\xa0b\u3000\U0001f600", "a|\xa0|b|\u3000|\U0001f600|<eos>"),
        ("<eos>\n", "< eos > <eos>"),
    ],
)
def test_words_and_signs_are_taken_apart(text: str, tokens: str) -> None:
    first = Tokenizer("word", rule=1)
    assert first.tokenize(text) == tokens.split("|" if "|" in tokens else " ")


def test_characters_stand_alone() -> None:
    assert Tokenizer("char").tokenize("ab \n猫") == ["a", "b", " ", "<eos>", "猫", "<eos>"]


def test_lower_makes_capitals_small() -> None:
    assert Tokenizer("whitespace", lower=True).tokenize("A <UNK> É\n") == [
        "a",
        "<unk>",
        "é",
        "<eos>",
    ]


def test_a_prompt_is_left_open() -> None:
    assert Tokenizer("word").tokenize("a\nb", open_end=True) == ["a", "<eos>", "b"]


def test_a_rule_that_is_not_known_is_refused() -> None:
    assert [str(Tokenizer(unit, rule=1)) for unit in UNITS] == list(UNITS)
    with pytest.raises(ConfigError, match="rule 3 of the unit char is not known here: use a newer"):
        Tokenizer("char", rule=3)


def test_no_text_has_no_tokens() -> None:
    assert [Tokenizer(unit).tokenize("") for unit in UNITS] == [[], [], []]


@given(texts)
def test_by_the_first_rules_no_character_is_lost_but_white_space(text: str) -> None:
    for unit in UNITS:
        kept = "".join(
            "" if token == "<eos>" else token for token in Tokenizer(unit, rule=1).tokenize(text)
        )
        dropped = "\n" if unit == "char" else " \t\n\r\f\v"
        expected = "".join(c for c in text if c not in dropped)
        if unit == "whitespace":  # there a literal <eos> is the end of a line
            expected, kept = (s.replace("<eos>", "") for s in (expected, kept))
        assert kept == expected


def joined(tokens: Iterable[str], tokenizer: Tokenizer) -> str:
    return "".join(map(tokenizer.detokenizer().feed, tokens))


@given(texts, st.sampled_from(UNITS), st.integers(1, NEWEST))
def test_joined_tokens_split_into_the_same_tokens(text: str, unit: Unit, rule: int) -> None:
    tokenizer = Tokenizer(unit, rule=rule)
    tokens = tokenizer.tokenize(text)
    assert tokenizer.tokenize(joined(tokens, tokenizer)) == tokens


@pytest.mark.parametrize("rule", [1, 2])
@pytest.mark.parametrize(
    "text",
    [
        "“Well,” she said (softly), “it's 5.30!”\n",
        'She said "yes" and "no".\nThe \'other\' (or "both")?\n',
        "and/or—perhaps; 50% of $20: 1,000.\n",
        "_ _ \u0301 \u0301\n",
        "One -- two... [three] {four}\n\nfive\n",
        '"Never closed\n"closed"\n',
        "10\xa0% of\u3000all\n",
    ],
)
def test_english_comes_back_as_it_was(text: str, rule: int) -> None:
    tokenizer = Tokenizer("word", rule=rule)
    assert joined(tokenizer.tokenize(text), tokenizer) == text


@pytest.mark.parametrize("rule", [1, 2])
def test_text_comes_token_by_token(rule: int) -> None:
    joiner = Tokenizer("word", rule=rule).detokenizer()
    parts = [joiner.feed(token) for token in ["Hi", ",", "you", "<eos>", "(", "I", ")", "<unk>"]]
    assert parts == ["Hi", ",", " you", "\n", "(", "I", ")", " <unk>"]


def test_white_space_units_are_joined_by_one_blank() -> None:
    spaced, chars = Tokenizer("whitespace"), Tokenizer("char")
    assert joined(["a", ",", "<eos>", "<unk>", "b"], spaced) == "a ,\n<unk> b"
    assert joined(["a", " ", "b", "<eos>"], chars) == "a b\n"


@pytest.mark.parametrize("unit", UNITS)
def test_the_second_rules_compose_what_is_decomposed(unit: Unit) -> None:
    composed, decomposed = "tr\xe8s \uac01", "tre\u0300s \u1100\u1161\u11a8"
    new, old = Tokenizer(unit), Tokenizer(unit, rule=1)
    assert new.tokenize(decomposed) == new.tokenize(composed) == old.tokenize(composed)
    assert old.tokenize(decomposed) != old.tokenize(composed)


@pytest.mark.parametrize("unit", UNITS)
def test_the_turkish_capital_loses_its_dot(unit: Unit) -> None:
    assert Tokenizer(unit, lower=True).tokenize("I\u0307") == ["i", "<eos>"]
    assert "".join(Tokenizer(unit, lower=True, rule=1).tokenize("İ")) == "i\u0307<eos>"


@pytest.mark.parametrize(("unit", "tokens"), [("word", 5), ("char", 7), ("whitespace", 5)])
def test_the_second_rules_read_marks_alike_in_texts_and_prompts(unit: Unit, tokens: int) -> None:
    tokenizer = Tokenizer(unit)
    text = tokenizer.tokenize("a <unk> b <eos>\nc")
    assert text == [*tokenizer.tokenize_prompt("a <unk> b <eos>\nc"), "<eos>"]
    assert (text.count("<unk>"), text.count("<eos>")) == (1, 2)
    assert len(text) == tokens + 1


def test_the_first_rules_know_marks_in_a_prompt_alone() -> None:
    first = Tokenizer("word", rule=1)
    assert first.tokenize("a <unk>") == ["a", "<", "unk", ">", "<eos>"]
    assert first.tokenize_prompt("a <unk><eos> b") == ["a", "<unk>", "<eos>", "b"]


@pytest.mark.parametrize("unit", UNITS)
def test_a_given_text_has_its_marks_whatever_the_rule(unit: Unit) -> None:
    first = Tokenizer(unit, rule=1)
    assert first.tokenize_given("a <unk>\nb <unk>").count(UNK) == 2
    plain = "a < b, c\n\nd\n"
    assert first.tokenize_given(plain) == first.tokenize(plain)


@pytest.mark.parametrize("unit", ["word", "char"])
def test_a_mark_at_the_end_of_a_given_text_ends_its_line_once(unit: Unit) -> None:
    first = Tokenizer(unit, rule=1)
    assert first.tokenize_given("a<unk>\n") == ["a", UNK, EOS]
    assert first.tokenize_given("a<unk>") == ["a", UNK]


def test_spacing_that_a_model_never_saw_is_not_told_to_it() -> None:
    tokenizer = Tokenizer("word")
    tokens = tokenizer.tokenize("f(x) ,")
    assert tokens == ["f", "<join>", "(", "x", ")", " ", ",", "<eos>"]
    assert tokenizer.told(tokens, {"<join>"}) == ["f", "<join>", "(", "x", ")", ",", "<eos>"]
    assert tokenizer.told(tokens, {"<join>", " "}) == tokens
    assert Tokenizer("char").told([" ", "a"], {"a"}) == [" ", "a"]  # there it is a character


def numbered_lines(count: int) -> list[str]:
    return [f"line {i}\n" for i in range(count)]


def test_a_block_is_100_lines_and_the_10th_and_20th_of_20_are_held_out() -> None:
    lines = numbered_lines(4_150)
    pieces = split_text("".join(lines), "word")
    assert pieces["valid"] == "".join(lines[900:1000] + lines[2900:3000])
    assert pieces["test"] == "".join(lines[1900:2000] + lines[3900:4000])
    assert pieces["train"] == "".join(
        lines[:900] + lines[1000:1900] + lines[2000:2900] + lines[3000:3900] + lines[4000:]
    )


def test_a_shorter_text_has_smaller_blocks() -> None:
    lines = numbered_lines(20)
    pieces = split_text("".join(lines), "word")
    assert (pieces["valid"], pieces["test"]) == (lines[9], lines[19])
    lines = numbered_lines(650)  # 109 blocks of 6
    pieces = split_text("".join(lines), "word")
    assert pieces["test"].startswith("".join([*lines[114:120], *lines[234:240]]))


def test_no_block_of_a_short_text_is_blank() -> None:
    pieces = split_text("\n" + "\n\n \n".join(numbered_lines(20)), "word")
    assert [pieces["valid"].strip(), pieces["test"].strip()] == ["line 9", "line 19"]


def test_without_lines_a_block_is_2000_characters() -> None:
    text = "".join(random.Random(0).choices("abc", k=40_001))
    assert split_text(text, "char")["valid"] == text[18_000:20_000]
    assert split_text(text, "char")["test"] == text[38_000:40_000]
    assert split_text(text, "word") == split_text(text, "char")  # no white space is near


def test_without_lines_no_word_is_cut_in_two() -> None:
    words = [f"word{i}" for i in range(5_000)]
    pieces = split_text(" ".join(words), "word")
    found = [word for split in SPLITS for word in pieces[split].split()]
    assert sorted(found) == sorted(words)
    assert abs(len(pieces["test"]) - 2_000) < 20
    assert pieces["test"].startswith("word")


def test_a_word_is_cut_where_the_next_is_half_a_block_away() -> None:
    text = "a" * 18_999 + " " + "b" * 30_000
    assert split_text(text, "word")["valid"].startswith("a")
    text = "a" * 18_998 + " " + "b" * 30_001
    assert split_text(text, "word")["valid"].startswith("b")


def test_a_short_text_without_lines_is_split_by_words_or_characters() -> None:
    words = [f"w{i}" for i in range(20)]
    assert split_text(" ".join(words), "word")["valid"].strip() == "w9"
    assert split_text("吾輩は猫である。名前はまだ無い。どこで生", "char")["test"] == "生"
    assert split_text("three words only", "word")["test"] == ""


def is_in_order(part: Sequence[str], whole: Sequence[str]) -> bool:
    rest = iter(whole)
    return all(item in rest for item in part)


@settings(deadline=None)  # the longest texts take a while
@given(texts, st.integers(1, 400), st.sampled_from(UNITS))
def test_the_splits_hold_every_token_once_and_in_order(text: str, times: int, unit: Unit) -> None:
    text, tokenizer = text * times + "\n", Tokenizer(unit, rule=1)
    pieces = split_text(text, unit)
    whole = tokenizer.tokenize(text)
    parts = [tokenizer.tokenize(pieces[split], open_end=True) for split in SPLITS]
    together = [token for part in parts for token in part]
    assert sum(map(len, pieces.values())) == len(text)
    assert sorted(together) == sorted(whole)
    assert all(is_in_order(part, whole) for part in parts)


def test_the_books_preprocess_knows_blanks_and_points_and_nothing_else() -> None:
    cut = Tokenizer("preprocess", lower=True).tokenize
    assert cut("You say. Mr.X  says\n3.14", open_end=True) == [
        *("you", "say", ".", "mr", ".x", "", "says\n3", ".14"),
    ]
    assert cut("", open_end=True) == []


@given(texts.map(lambda text: text.replace("<eos>", "")))
def test_what_preprocess_cuts_is_joined_again(text: str) -> None:
    tokens = Tokenizer("preprocess").tokenize(text, open_end=True)
    joined = "".join(map(Tokenizer("preprocess").detokenizer().feed, tokens))
    assert joined == text


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("the <unk> cat\n", "whitespace"),
        ("a b <eos>", "whitespace"),
        ("<p>no<unk> <eos>.\n", "word"),  # not words of their own
        ("x" * 49 + " \n\n\n", "word"),  # 1 in 50; line ends do not count
        ("x" * 50 + " \n", "char"),
        ("字" * 49 + "\u3000", "word"),  # any white space counts
        ("anna\nbert\n", "char"),
    ],
)
def test_what_may_not_be_torn_is_what_it_always_was(text: str, unit: Unit) -> None:
    """Else the texts of models would have other hashes, and not be found."""
    assert unit_to_split(text) == unit


def test_a_word_without_a_sign_which_no_text_has_is_joined_all_the_same() -> None:
    assert Tokenizer("word").joined(["a", "", "b"]) == "a  b"
