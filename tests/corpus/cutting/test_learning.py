"""Merges: what is learnt, and that the library cuts by it as we do."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
import tokenizers

from rnnlm_cli.corpus.cutting.learning import learnt_merges
from rnnlm_cli.corpus.cutting.pieces import Pieces, in_bytes, runs_of
from rnnlm_cli.corpus.vocabulary import UNK
from rnnlm_cli.errors import MissingExtra
from tests.small_runs import simple_text

JAPANESE = "吾輩は猫である。名前はまだ無い。\nどこで生れたかとんと見当がつかぬ。\n" * 3


def words(text: str, size: int) -> tuple[str, ...]:
    return Pieces(learnt_merges([text], size)).words[256:]


def test_what_stands_together_most_often_is_merged_first() -> None:
    assert words("ab ab abc\n", 300) == ("ab", " ab")  # all else stands there once
    assert words("ab ab abc\n", 257) == ("ab",)
    assert words("ab ab abc\n", 256) == ()


def test_merges_stay_in_their_runs_and_lines() -> None:
    assert words("x.\ny a.\n" * 9, 400) == (" a",)


def test_unk_is_one_of_the_vocabulary_and_not_learnt_from() -> None:
    text = f"ab ab {UNK} {UNK} {UNK}\n"
    assert words(text, 300) == words(text, 258) == ("ab",)
    assert words(text, 257) == ()


@pytest.mark.parametrize("text", [simple_text(), JAPANESE])
def test_the_library_cuts_by_the_merges_as_we_do(text: str) -> None:
    merges = learnt_merges([text], 330)
    pieces, letters = Pieces(merges), [chr(0x4E00 + byte) for byte in range(256)]
    for one, other in merges:
        letters.append(letters[one] + letters[other])
    pairs = [(letters[one], letters[other]) for one, other in merges]
    theirs = tokenizers.models.BPE({each: i for i, each in enumerate(letters)}, pairs)
    for run in set(runs_of(text)) - {"\n"}:
        spelt = in_bytes(run).decode("latin-1").translate(dict(enumerate(letters[:256])))
        assert pieces.of_run(run) == tuple(pieces.words[t.id] for t in theirs.tokenize(spelt))


def test_equal_texts_have_equal_merges_in_whatever_blocks_and_process() -> None:
    lines = (simple_text() + JAPANESE).splitlines(keepends=True)
    merges = learnt_merges(lines, 500)
    assert merges == learnt_merges(["".join(lines)], 500)
    code = (
        "import sys; from rnnlm_cli.corpus.cutting.learning import learnt_merges;"
        "print(learnt_merges([sys.stdin.buffer.read().decode()], 500))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], input="".join(lines).encode(), capture_output=True, check=True
    )
    assert told.stdout.decode().strip() == str(merges)


# By tokenizers 0.20.0, 0.21.4 and 0.23.3 alike.
KNOWN = "he| c|the|ld|es| s|hi| chi| child| a|at| cat| b|ir| bir| bird| the| d|og| dog| r|ed| red"


def test_every_version_of_the_library_learns_the_same() -> None:
    assert "|".join(words(simple_text(), 279)) == KNOWN


def test_without_the_library_a_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(MissingExtra, match=r"bpe need the library tokenizers.*rnnlm-cli\[bpe\]"):
        learnt_merges(["a\n"], 300)


def test_a_text_is_learnt_from_as_it_comes() -> None:
    blocks: Iterator[str] = ("ab ab\n" for _ in range(3))
    assert len(learnt_merges(blocks, 300)) == 2
    assert next(blocks, None) is None
