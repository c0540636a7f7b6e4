"""Pieces: what they are, how a text is cut into them, and the text again."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlm_cli.corpus.cutting.pieces import LONGEST, PieceJoiner, Pieces, bytes_of, runs_of, spelt
from rnnlm_cli.corpus.vocabulary import EOS, UNK
from rnnlm_cli.errors import ConfigError

NONE = Pieces(())
# th, the, " the", and the two bytes that こ and の begin with
MERGES = ((116, 104), (256, 101), (32, 257), (0xE3, 0x81))
SCRAPS = [*"ab1 \n\t.'-\\é\xa0\u3000\u0301\x1c猫😀", "the ", " <eos>\n", UNK, "\\xe3", "\ud800"]
texts = st.lists(st.sampled_from(SCRAPS)).map("".join) | st.text().filter(lambda t: "\r" not in t)


def joined(tokens: list[str]) -> str:
    joiner = PieceJoiner()
    return "".join(map(joiner.feed, tokens)) + joiner.end()


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("the old\ncat", ["the", " old", "\n", "cat"]),
        ("it's, well", ["it", "'s", ",", " well"]),
        ("'tis 12345", ["'", "tis", " 123", "45"]),
        ("a   b\n   c \n", ["a", "  ", " b", "\n", "  ", " c", " ", "\n"]),
        ("\t\tx -- y", ["\t", "\t", "x", " --", " y"]),
        ("我輩は猫。\u3000名", ["我輩は猫", "。", "\u3000", "名"]),
        ("नमस्ते e\u0301", ["नमस्ते", " e\u0301"]),
        ("a" * 70, ["a" * 32, "a" * 32, "a" * 6]),
        ("-" * 40, ["-" * 32, "-" * 8]),
    ],
)
def test_a_text_is_cut_into_runs_first(text: str, runs: list[str]) -> None:
    assert runs_of(text) == runs


@given(texts)
def test_runs_are_the_whole_text_and_short(text: str) -> None:
    runs = runs_of(text)
    assert "".join(runs) == text
    assert max(map(len, runs), default=0) <= 33  # with a blank
    assert all(run == "\n" for run in runs if "\n" in run)


def test_without_merges_every_byte_is_a_token() -> None:
    assert NONE.cut("né\\\0\n") == ["n", "\\xc3", "\\xa9", "\\\\", "\\x00", EOS]
    assert len(set(NONE.words)) == 256


def test_the_merge_that_was_learnt_first_comes_first() -> None:
    assert Pieces(MERGES).cut("the the other") == ["the", " the", " ", "o", "the", "r"]
    later = Pieces(((104, 101), (116, 104), (116, 256)))  # he before th
    assert later.cut("the th") == ["the", " ", "th"]


def test_a_piece_that_two_merges_make_has_one_number() -> None:
    twice = Pieces(((97, 98), (98, 99), (256, 99), (97, 257), (258, 100)))
    assert twice.words[256:] == ("ab", "bc", "abc", "abcd")
    assert twice.cut("abcd") == ["abcd"]


@given(texts)
def test_the_tokens_put_together_are_the_text_again(text: str) -> None:
    for pieces in (NONE, Pieces(MERGES)):
        expected = re.sub(f" ?{EOS}[ \n]?", "\n", text)
        expected = expected[:-1] if expected[-1:] == " " != expected else expected
        expected = expected.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        tokens = pieces.cut(text)
        assert joined(tokens) == expected
        assert set(tokens) <= {*pieces.words, UNK}


@given(st.binary(min_size=1, max_size=6).filter(lambda piece: b"\n" not in piece))
def test_a_spelling_is_of_one_piece_alone(piece: bytes) -> None:
    assert bytes_of(spelt(piece)) == piece
    spelt(piece).encode()  # and can be written to any file


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("a <unk> b", ["a", " ", UNK, " ", "b"]),
        ("a <eos>\nb", ["a", EOS, "b"]),
        ("a ", ["a"]),
        (" ", [" "]),
        ("a  ", ["a", " "]),
        ("a \n", ["a", " ", EOS]),
    ],
)
def test_marks_are_tokens_and_a_last_blank_is_left_to_what_follows(
    text: str, tokens: list[str]
) -> None:
    assert NONE.cut(text) == tokens


def test_unk_that_a_vocabulary_lacks_is_spelt_out() -> None:
    assert NONE.spelt_out(["a", UNK, EOS]) == ["a", *UNK, EOS]


def test_bytes_wait_until_their_character_is_whole() -> None:
    joiner = PieceJoiner()
    fed = ["\\xe3", "\\x81", "\\x93", "\\xe3\\x81", "a", "\\xe3", EOS, "\\x81", "\\xf0\\x9f"]
    assert [joiner.feed(token) for token in fed] == ["", "", "こ", "", "�a", "", "�\n", "�", ""]
    assert (joiner.end(), joiner.end()) == ("�", "")


@pytest.mark.parametrize(
    ("merges", "message"),
    [
        ([(97, 256)], r"of the pieces \[97, 256\], but must be of two of the 256"),
        ([(-1, 97)], "must be of two of the 256"),
        ([(97, 98), (256, 97, 98)], "must be of two of the 257"),
        ([(97, 10)], "a piece of 2 bytes, but must make one of 64 at most and in one line"),
        ([(97, 97), *((n, n) for n in range(256, 262))], "a piece of 128 bytes"),
    ],
)
def test_merges_that_make_no_pieces_are_refused(merges: list[tuple[int]], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Pieces(merges)
    assert len(Pieces([(97, 97), *((n, n) for n in range(256, 261))]).words[-1]) == LONGEST
