"""A text that is cut once has the ids that its vocabulary gives to its tokens."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlm_cli import machine
from rnnlm_cli.corpus import cut_text, encoded_cache, kept_text
from rnnlm_cli.corpus import kept as kept_module
from rnnlm_cli.corpus.cut_text import Cutter, CutText, Encoder
from rnnlm_cli.corpus.cutting.cut_block import CutBlock
from rnnlm_cli.corpus.cutting.spacing import JOIN
from rnnlm_cli.corpus.cutting.units import Tokenizer
from rnnlm_cli.corpus.kept_text import KeptText
from rnnlm_cli.corpus.loading import load_corpus
from rnnlm_cli.corpus.vocabulary import EOS, UNK, Vocabulary
from rnnlm_cli.errors import ConfigError, VocabularyError
from rnnlm_cli.settings.text import SPLITS, CorpusConfig
from rnnlm_cli.watching import bars_of_here

WORD = Tokenizer("word")
TOKENS = st.lists(st.sampled_from(["a", "b", EOS, UNK, JOIN, " ", "c\nd"]), max_size=12)


@given(blocks=st.lists(TOKENS, max_size=4), words=st.sets(st.sampled_from("ab")),
       specials=st.sets(st.sampled_from([EOS, UNK, JOIN])))  # fmt: skip
def test_ids_are_those_of_the_told_tokens(
    blocks: list[list[str]], words: set[str], specials: set[str]
) -> None:
    vocabulary = Vocabulary(tuple(sorted(words | specials)))
    cut = [(1 + 7 * i, CutBlock.of(tokens)) for i, tokens in enumerate(blocks)]

    def by_tokens() -> list[int]:
        told = ((line, WORD.told(block.tokens, vocabulary)) for line, block in cut)
        ids = (vocabulary.encode(tokens, "here", "do", line).tolist() for line, tokens in told)
        return [i for block in ids for i in block]

    def by_blocks() -> list[int]:
        ids: list[int] = Encoder(WORD, vocabulary, "do").ids(CutText(cut), "here").tolist()
        return ids

    assert result_of(by_blocks) == result_of(by_tokens)


def result_of(encode: Callable[[], list[int]]) -> list[int] | str:
    """The ids, or the message."""
    try:
        return encode()
    except VocabularyError as error:
        return str(error)


def test_blocks_know_their_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_text, "BLOCK", 8)
    text = KeptText(b"a b\nc\n\n\nd e f g h\ni\n")
    with Cutter(WORD).cutting(text.size) as cut:
        found = [(line, block.tokens) for line, block in cut(text)]
    assert found == [
        (1, ["a", "b", EOS, "c", EOS, EOS, EOS]),
        (5, ["d", "e", "f", "g", "h", EOS]),
        (6, ["i", EOS]),
    ]


@pytest.mark.parametrize("lines", [30, pytest.param(2_500, marks=pytest.mark.slow)])
def test_a_corpus_is_the_same_by_several_processes(
    lines: int, tmp_path: Path, cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.txt"
    path.write_text("".join(f'"the {i % 11}, {i % 7}\nof it" é{i % 13}.\n' for i in range(lines)))
    monkeypatch.setattr(kept_text, "BLOCK", 1_000)
    files = []
    for processes in (1, 3):
        monkeypatch.setattr(cut_text, "processes_for", lambda size, threads, n=processes: n)
        load_corpus(str(path), CorpusConfig())
        (file,) = cache_folder.glob("*.npy")
        files.append(file.read_bytes())
        file.unlink()
    assert files[0] == files[1]


def test_large_ids_are_narrow_and_mean_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.txt"
    path.write_text("".join(f"the cat {i % 7} saw a dog\n" for i in range(2_100)))
    wide = load_corpus(str(path), CorpusConfig(min_count=1))
    for module in (kept_module, cut_text, encoded_cache):
        monkeypatch.setattr(module, "SMALL", 64)
    for corpus in (load_corpus(str(path), CorpusConfig(min_count=1)) for _ in range(2)):
        assert corpus.ids("train").dtype == np.uint16
        for split in SPLITS:
            assert corpus.ids(split).tolist() == wide.ids(split).tolist()
        assert corpus.counts.tolist() == wide.counts.tolist()
        sorted_ = corpus.by_frequency()
        assert sorted_.ids("valid").dtype == np.uint16
        assert sorted_.ids("valid").tolist() == wide.by_frequency().ids("valid").tolist()
        assert corpus.text("test").held().ids.dtype == np.int32


def test_memory_that_is_short_is_told_before_a_large_text_is_cut(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(machine, "free_bytes", lambda: 1 << 20)
    with (
        pytest.raises(ConfigError, match=r"encoding 0\.1 GB of text needs about"),
        Cutter(WORD).cutting(10**8),
    ):
        pass


def test_what_a_large_text_takes_is_said_before_it_is_cut(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cut_text, "processes_for", lambda size, threads: 2)
    with Cutter(WORD, stages=bars_of_here).cutting(10**9):
        pass
    said = capsys.readouterr().err
    assert "note: a text of 1,000 MB is encoded by 2 processes, once: it takes about" in said
    with Cutter(WORD, stages=bars_of_here).cutting(10**6):
        pass
    assert capsys.readouterr().err == ""
