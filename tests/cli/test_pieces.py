"""A model of pieces of words, from a text to what is asked of it on the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.cli.test_commands import run
from tests.small_runs import simple_text


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of pieces that has learnt the simple text, and a few characters of several bytes."""
    folder = tmp_path_factory.mktemp("pieces")
    text, out = folder / "simple.txt", folder / "m.pkl"
    text.write_text(simple_text() + "猫 é\n", encoding="utf-8")
    sizes = "--preset tiny --wordvec-size 8 --hidden-size 12 --batch-size 4 --time-size 9"
    options = f"--unit bpe --bpe-size 290 --epochs 2 --seed 1 {sizes}".split()
    done = run("train", "--corpus", text, "--out", out, *options)
    assert done.exit_code == 0, done.stderr
    assert "tokens (bpe), 290 in the vocabulary" in done.stderr + done.stdout
    return out


def test_a_model_of_pieces_needs_no_library(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    for command in (
        f"eval {model}",
        f"generate {model} --start the",
        f"inspect {model}",
        f"score {model} --text old",
        f"train --resume --epochs 3 --out {model}",
        f"train --init-from {model} --corpus {model.with_name('simple.txt')} --out {tmp_path}/n.pkl"
        " --epochs 1",
    ):
        done = run(*command.split())
        assert done.exit_code == 0, done.stderr
    done = run("train", "--corpus", model.with_name("simple.txt"), "--unit", "bpe", "--bpe-size", 9)
    assert "bpe-size is 9" in done.stderr
    done = run("train", "--corpus", model.with_name("simple.txt"), "--unit", "bpe")
    assert done.exit_code == 1
    assert "pip install tokenizers, or rnnlm-cli[bpe]" in done.stderr


def test_the_words_of_a_line_are_the_sums_of_their_pieces(model: Path) -> None:
    text = "the zebra sees 猫"
    options = "score", model, "--text", text, "--format", "jsonl"
    words, pieces = (
        [json.loads(line) for line in run(*options, "--by", by).stdout.splitlines()]
        for by in ("word", "token")
    )
    assert [row["word"] for row in words] == [*text.split(), "<eos>"]
    assert sum(row["n_tokens"] for row in words) == len(pieces)
    assert sum(row["surprisal"] for row in words) == pytest.approx(
        sum(row["surprisal"] for row in pieces)
    )
    assert not any(row["is_unknown"] for row in pieces)


def test_a_report_and_a_search_know_pieces(model: Path, tmp_path: Path) -> None:
    found = json.loads(run("inspect", model, "--json").stdout)
    assert "bpe" in json.dumps(found)
    done = run("inspect", model, "--html", tmp_path / "r.html", "--text", "the 猫")
    assert done.exit_code == 0, done.stderr
    assert json.dumps("猫")[1:-1] in (tmp_path / "r.html").read_text(encoding="utf-8")
    done = run("generate", model, "--beam", 3, "--require", "old cat", "--length", 30)
    assert " old cat" in done.stdout


def test_what_is_typed_and_drawn_streams_as_text(model: Path) -> None:
    done = run("generate", model, "--start", "the 猫", "--length", 60, "--seed", 3)
    assert done.stdout.startswith("the 猫")
    whole = json.loads(
        run("generate", model, "--start", "the 猫", "--length", 60, "--seed", 3, "--json").stdout
    )
    assert done.stdout.rstrip("\n") == whole["samples"][0].rstrip("\n")
