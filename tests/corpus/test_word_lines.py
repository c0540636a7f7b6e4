from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlm_cli.corpus.vocab_file import read_words
from rnnlm_cli.corpus.word_lines import line_of, word_of


@given(st.text('" \\n\n\t\x85\u2028\u3000a', max_size=9))
def test_every_word_comes_back_out_of_one_line(word: str) -> None:
    line = line_of(word)
    assert word_of(line) == word
    assert len(line.splitlines()) <= 1
    assert line.isspace() is False


@pytest.mark.parametrize("word", ["cat", '"', '"cat"', "“", "<eos>", '""', "[1]", '"a', "é"])
def test_a_word_without_white_space_is_its_line(word: str) -> None:
    assert line_of(word) == word == word_of(word)


def test_a_word_with_white_space_is_json() -> None:
    assert line_of(" ") == '" "'
    assert line_of("\u3000") == r'"\u3000"'
    assert line_of('"a b"') == r'"\"a b\""'


def test_a_vocabulary_is_read_so(tmp_path: Path) -> None:
    words = ("a", " ", "\t", '"', "<eos>")
    (tmp_path / "words.txt").write_text("".join(f"{line_of(word)}\n" for word in words))
    assert read_words(tmp_path / "words.txt", 5) == words
