"""The book's published model gives the book's figures: needs its file and the Penn Treebank."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.arrays import Ids
from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.corpus.loading import Corpus, load_corpus
from rnnlm_cli.corpus.reading.named import find_named
from rnnlm_cli.corpus.vocabulary import EOS
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.scoring import streaming
from rnnlm_cli.scoring.evaluation import evaluate
from rnnlm_cli.settings.text import CorpusConfig
from tests.cli.test_commands import ok

pytestmark = [pytest.mark.ptb, pytest.mark.book, pytest.mark.untraced]


@pytest.fixture(scope="module")
def book_file() -> Path:
    path = os.environ.get("RNNLM_BOOK_CHECKPOINT")
    if path is None:
        pytest.skip("RNNLM_BOOK_CHECKPOINT names no file")
    return Path(path)


@pytest.fixture(scope="module")
def ptb() -> Corpus:
    if find_named("ptb") is None:
        pytest.skip("the Penn Treebank is not at hand")
    return load_corpus("ptb", CorpusConfig())


@pytest.fixture(scope="module")
def model(book_file: Path) -> LanguageModel:
    return load_checkpoint(book_file).build_model()


def test_the_books_protocol_gives_the_books_perplexity(book_file: Path, ptb: Corpus) -> None:
    shown = ok("eval", book_file, "--corpus", ptb.name, "--protocol", "book", "--json")
    assert json.loads(shown)["perplexity"] == pytest.approx(136.0776, abs=5e-4)


@pytest.mark.slow
def test_the_command_prints_it(book_file: Path, ptb: Corpus) -> None:
    assert "136.08" in ok("eval", book_file, "--corpus", ptb.name, "--protocol", "book")


def test_inspect_shows_the_sizes_of_the_books_model(book_file: Path) -> None:
    assert "V 10000, D 100, H 100" in ok("inspect", book_file)


def stream_perplexity_by_hand(model: LanguageModel, ids: Ids, eos_id: int) -> float:
    """Float64 throughout, one word at a time, from the formulas of the book."""
    E, Wx, Wh, b, W, c0 = (p.astype(np.float64) for p in model.params)
    inputs = E[np.concatenate([[eos_id], ids[:-1]])]
    h, c, hs = np.zeros(len(Wh)), np.zeros(len(Wh)), np.empty((len(ids), len(Wh)))
    for t, x in enumerate(inputs @ Wx + b):
        f, g, i, o = np.split(x + h @ Wh, 4)
        c = c / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
        h = hs[t] = np.tanh(c) / (1 + np.exp(-o))
    total = 0.0
    for start in range(0, len(ids), 1000):
        ys = hs[start : start + 1000] @ W + c0
        picked = np.take_along_axis(ys, ids[start : start + 1000, None].astype(int), axis=1)
        total += float((np.log(np.exp(ys).sum(axis=1)) - picked[:, 0]).sum())
    return float(np.exp(total / len(ids)))


@pytest.mark.slow
def test_the_stream_scores_every_token(model: LanguageModel, ptb: Corpus) -> None:
    result = evaluate(model, ptb.text("test"))
    assert result.tokens == 82_430
    assert result.perplexity == pytest.approx(135.84, abs=5e-3)
    assert result.perplexity_without_eos == pytest.approx(157.90, abs=5e-3)
    assert result.standard_error == pytest.approx(5.86, abs=0.02)  # by hand, of blocks of 61 lines
    assert (result.characters, result.unknown) == (449_945, 4_794)  # its own <unk> has 5 of them
    assert result.bits_per_character == pytest.approx(1.2981, abs=5e-5)
    assert result.is_lower_bound


@pytest.mark.slow
def test_the_stream_agrees_with_float64_whatever_the_chunk(
    model: LanguageModel, ptb: Corpus, monkeypatch: pytest.MonkeyPatch, long: bool
) -> None:
    ids, eos_id = ptb.ids("test")[: None if long else 10_000], ptb.vocabulary.ids[EOS]
    expected = stream_perplexity_by_hand(model, ids, eos_id)
    for chunk in (35, 350, 1001):
        monkeypatch.setattr(streaming, "CHUNK", chunk)
        result = evaluate(model, EncodedText(ids, eos_id))
        assert result.perplexity == pytest.approx(expected, rel=1e-6)
