"""`import rnnlm_cli as rnnlm`: what a Python user sees first."""

import doctest
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnnlm_cli as rnnlm
from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.runs import RunFinished
from tests.small_runs import simple_text, small_run
from tests.small_runs import train as run_of

SMALL: dict[str, Any] = {
    "wordvec_size": 8,
    "hidden_size": 8,
    "projection": False,
    "batch_size": 2,
    "time_size": 7,
}
RECIPE: dict[str, Any] = {
    "epochs": 2,
    "dropout": 0.0,
    "optimizer": "sgd",
    "lr": 20.0,
    "max_grad": 0.25,
}


def test_the_example_is_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "novel.txt").write_text(simple_text(100))
    assert doctest.testmod(rnnlm, raise_on_error=True).attempted == 16


def test_an_import_brings_no_numpy() -> None:
    code = """
import sys, rnnlm_cli
print(sorted({"numpy", "typer"} & set(sys.modules)), sorted(dir(rnnlm_cli)))
rnnlm_cli.load
print("numpy" in sys.modules, "typer" in sys.modules, hasattr(rnnlm_cli, "learn"))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    first, second = run.stdout.splitlines()
    assert first == f"[] {sorted(rnnlm.__all__)}"
    assert second == "True False False"


def test_what_is_public_is_there() -> None:
    assert {name for name in rnnlm.__all__ if getattr(rnnlm, name)} == set(rnnlm.__all__)


def test_a_bar_shows_a_run_where_it_is_asked_for(
    text_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rnnlm.train(text_file, **SMALL, **RECIPE)
    assert capsys.readouterr().err == ""
    rnnlm.train(text_file, **SMALL, **RECIPE, progress=True)
    assert "epoch 2: valid perplexity" in capsys.readouterr().err


def test_a_run_is_that_of_the_command(text_file: Path, tmp_path: Path) -> None:
    lm = rnnlm.train(text_file, tmp_path / "m.pkl", **SMALL, **RECIPE)
    assert isinstance(list(run_of(small_run(text_file, tmp_path / "n.pkl")))[-1], RunFinished)
    assert lm.path == tmp_path / "m.pkl"
    assert lm.words == load_checkpoint(tmp_path / "n.pkl").text
    for mine, theirs in zip(
        load_checkpoint(tmp_path / "m.pkl").params,
        load_checkpoint(tmp_path / "n.pkl").params,
        strict=True,
    ):
        np.testing.assert_array_equal(mine, theirs)


def test_without_a_place_no_file_is_left(
    text_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (temporary := tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    lm = rnnlm.train(str(text_file), **SMALL, **RECIPE)
    assert sorted(tmp_path.iterdir()) == [text_file, temporary]
    assert not list(temporary.iterdir())
    text_file.unlink()  # it has its text at hand
    assert lm.path is None
    assert lm.evaluate().tokens == lm.evaluate(split="test", protocol="parallel").tokens == 42


def test_a_budget_is_a_number_or_text(text_file: Path) -> None:
    with pytest.raises(ConfigError, match="budget: 'soon' is no duration"):
        rnnlm.train(text_file, budget="soon")
    with pytest.raises(ConfigError, match="budget is 0"):
        rnnlm.train(text_file, budget="0s")
    with pytest.raises(ConfigError, match="budget is -1"):
        rnnlm.train(text_file, budget=-1)


def test_a_run_may_begin_with_a_model(trained: Path, text_file: Path) -> None:
    lm = rnnlm.train(text_file, init_from=str(trained), steps=1, batch_size=2, time_size=7)
    assert lm.words.words == rnnlm.load(trained).words.words


def test_a_run_with_a_place_for_its_files_makes_no_other(
    text_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = "rnnlm_cli.runs.whole.TemporaryDirectory"
    monkeypatch.setattr(made, lambda **how: pytest.fail("made"))
    assert rnnlm.train(str(text_file), tmp_path / "m.pkl", **SMALL, **RECIPE).path is not None
