import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.cli.report.command import train_command
from rnnlm_cli.runs.whole import run_whole
from tests.cli.test_commands import ok
from tests.models import rnnlm, write_book_file
from tests.small_runs import simple_text, small_run, train

OTHERS: list[dict[str, Any]] = [
    {},
    {"preset": "book"},
    {"optimizer": "adam", "lr": 0.01, "max_grad": 1.0, "tied": True, "random_offsets": True},
    {"lower": True, "layers": 2, "min_count": 3, "unigram_bias": False, "steps": 3, "epochs": None},
    {"cluster_edges": (3, 5, 9)},
    {"lr": 0.1 + 0.2, "steps": 3, "epochs": None, "record": "line"},
]


@pytest.mark.parametrize("settings", OTHERS)
def test_the_command_trains_the_same_model(
    settings: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("my text.txt").write_text(simple_text() * 10, encoding="utf-8")
    for _ in train(small_run(Path("my text.txt"), Path("a.pkl"), **({"epochs": 1} | settings))):
        pass
    trains_it_again(Path("a.pkl"))


def trains_it_again(model: Path) -> None:
    first = load_checkpoint(model)
    program, *arguments = shlex.split(train_command(first))
    assert program == "rnnlm"
    ok(*arguments, "--out", "b.pkl")
    second = load_checkpoint(Path("b.pkl"))
    assert first.run is not None
    assert first.run == second.run
    for one, other in zip(first.params, second.params, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_command_names_the_words_that_the_run_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.txt").write_text(simple_text().replace("\n", ".\n"))
    words = ["the", "a", "old", "small", "red", "cat", "dog", "bird", "sees", ".", "<unk>"]
    Path("v.txt").write_text("\n".join(words))
    write_book_file(rnnlm(len(words), 4, 5, np.random.default_rng(0)), Path("book.pkl"))
    given: dict[str, Any] = {
        "init_from": "book.pkl",
        "vocab": "v.txt",
        "preset": "tiny",
        "steps": 2,
    }
    run_whole("a.pkl", corpus=["t.txt"], batch_size=2, time_size=7, **given)
    trains_it_again(Path("a.pkl"))


def test_what_was_given_where_a_run_chooses_is_told_though_it_is_the_default(
    tmp_path: Path,
) -> None:
    (text := tmp_path / "t.txt").write_text(simple_text() * 10)
    given = {"dropout": 0.0, "batch_size": 20, "head_size": 0}
    for _ in train(small_run(text, tmp_path / "a.pkl", steps=1, preset="tiny", **given)):
        pass
    command = train_command(load_checkpoint(tmp_path / "a.pkl"))
    for option in ("--dropout 0 ", "--batch-size 20", "--head-size 0"):
        assert option in command


def test_a_file_of_the_book_has_none(tmp_path: Path) -> None:
    write_book_file(rnnlm(7, 4, 5), tmp_path / "book.pkl")
    assert train_command(load_checkpoint(tmp_path / "book.pkl")) == ""
