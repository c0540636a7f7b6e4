"""The rows of a text add up to its evaluation, and are those of a second implementation."""

import csv
import json
import math
import os
import re
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.arrays import Doubles
from rnnlm_cli.checkpoint.checkpoint import save_checkpoint
from rnnlm_cli.checkpoint.contents import Checkpoint, RunRecord
from rnnlm_cli.corpus.reading.named import find_named
from rnnlm_cli.corpus.text_record import TextRecord
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.text import CorpusConfig, Unit
from rnnlm_cli.settings.train import TrainConfig
from rnnlm_cli.tasks.passage import Passage
from rnnlm_cli.trained import Trained
from tests.cli.test_commands import ok
from tests.oracle import arrays_of, cold, loss_by_hand
from tests.small_runs import simple_text

TEXT = simple_text(20) + "\nthe cat\n"
SHAPES: dict[str, tuple[Unit, dict[str, Any]]] = {
    "split softmax": ("whitespace", {"head_size": 5}),
    "characters": ("char", {}),
    "two layers": ("whitespace", {"layers": 2, "tied": True, "projection": True}),
}


def random_file(path: Path, unit: Unit, shape: dict[str, Any]) -> Path:
    """A model of the words or characters of the text, with weights that no training gave it."""
    pieces = TEXT.replace("\n", "") if unit == "char" else TEXT.split()
    words = ("<eos>", "<unk>", *sorted(set(pieces)))
    config = ModelConfig(wordvec_size=6, hidden_size=7, **shape)
    model = LanguageModel(len(words), config, rng=np.random.default_rng(0))
    model.flat_params += np.random.default_rng(1).normal(0, 1, model.flat_params.size)
    record = Checkpoint(
        vocab_size=len(words),
        model=config,
        params=list(model.params),
        text=TextRecord(corpus="x", sha256="", config=CorpusConfig(unit=unit), words=words),
        run=RunRecord(id="x", preset="x", train=TrainConfig(epochs=1)),
    )
    save_checkpoint(path, record)
    return path


def bits_by_hand(lm: Trained, text: str) -> Doubles:
    """(words,) surprisals, computed in float64 one word after the other."""
    config, p = lm._lm.model.config, arrays_of(lm._lm.model)
    ids, states, bits = (
        Passage.of(lm._lm.scorer.words, text, "x").ids,
        cold(config, p, 1),
        list[float](),
    )
    for before, word in zip([lm._lm.scorer.eos_id, *ids], ids, strict=False):
        nats, _, states = loss_by_hand(p, config, np.array([[before]]), np.array([[word]]), states)
        bits.append(float(nats) / math.log(2))
    return np.array(bits)


def check(model: Path, text: Path, corpus: str | None = None) -> None:
    given = [model, "--file", text, *(["--corpus", corpus] if corpus else [])]
    rows = csv.DictReader(StringIO(ok("score", *given, "--context", "text")), delimiter="\t")
    bits = [float(row["surprisal"]) for row in rows]
    mean = math.fsum(bits) / len(bits)
    (shown,) = re.findall(r"bits a token +([\d.]+)", ok("eval", *given))
    assert f"{mean:.4f}" == shown
    told = json.loads(ok("eval", *given, "--json"))
    assert (told["tokens"], told["bits_per_token"]) == (len(bits), pytest.approx(mean, rel=1e-13))
    lm = Trained.load(model, corpus)
    np.testing.assert_allclose(bits, bits_by_hand(lm, text.read_text()), rtol=0, atol=1e-4)


@pytest.mark.parametrize("kind", SHAPES)
def test_surprisals_sum_to_what_eval_prints(kind: str, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text(TEXT)
    check(random_file(tmp_path / "m.pkl", *SHAPES[kind]), tmp_path / "t.txt")


@pytest.mark.ptb
@pytest.mark.book
@pytest.mark.slow
@pytest.mark.untraced
def test_so_do_those_of_the_books_file(tmp_path: Path) -> None:
    book = os.environ.get("RNNLM_BOOK_CHECKPOINT")
    corpus = find_named("ptb")
    if book is None or corpus is None:
        pytest.skip("RNNLM_BOOK_CHECKPOINT names no file, or the Penn Treebank is not at hand")
    lines = corpus["test"].read_text().splitlines(keepends=True)
    (tmp_path / "t.txt").write_text("".join(lines[:12]))
    check(Path(book), tmp_path / "t.txt", "ptb")
