"""A run that diverges, as a user sees it."""

from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from tests.cli.test_commands import SMALL, run
from tests.small_runs import simple_text


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("lr", ["1e30", "1e38", "1e39", "1e300"])
def test_a_diverging_run_ends_with_one_sentence_and_no_warning(
    lr: str, optimizer: str, text_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "m.pkl"
    result = run("train", "--corpus", text_file, *SMALL, "--out", out, "--lr", lr,
                 "--optimizer", optimizer, "--max-grad", 1e300)  # fmt: skip
    *_, header, error = result.stderr.splitlines()
    assert result.exit_code == 1
    assert header.split()[0] == "epoch"
    assert error.startswith("error: step ")
    assert "start again with a smaller --lr or --max-grad" in error
    assert not out.exists()


def test_the_state_on_the_disk_is_the_last_finite_one(text_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "m.pkl"
    settings = ["--save-every", 1e-9, "--lr", 1e39, "--optimizer", "sgd"]
    assert run("train", "--corpus", text_file, *SMALL, "--out", out, *settings).exit_code == 1
    assert not (tmp_path / "m.last.pkl").exists()  # the first update spoils everything
    settings = ["--save-every", 1e-9, "--lr", 1e20, "--optimizer", "adam", "--schedule", "constant"]
    run("train", "--corpus", text_file, *SMALL, "--out", out, *settings)
    saved = load_checkpoint(tmp_path / "m.last.pkl")
    assert saved.resume is not None
    arrays = [*saved.params, *saved.resume.state.arrays.values()]
    assert all(np.isfinite(array).all() for array in arrays)


def test_a_model_without_a_finite_validation_is_not_kept(
    text_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rnnlm_cli.training.trainer.perplexity", lambda nats: float("nan") * nats)
    monkeypatch.setattr("rnnlm_cli.training.learner.Learner.check_numbers", lambda *_: None)
    result = run("train", "--corpus", text_file, *SMALL, "--out", tmp_path / "m.pkl")
    assert result.exit_code == 1
    assert "error: no epoch had a finite validation perplexity" in result.stderr
    assert not (tmp_path / "m.pkl").exists()


def test_the_last_model_is_named_that_was_kept_without_a_finite_validation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "long.txt").write_text(simple_text(1_200))
    monkeypatch.setattr("rnnlm_cli.training.trainer.perplexity", lambda nats: float("inf"))
    small = ("--preset", "book", "--hidden-size", 8, "--wordvec-size", 8, "--epochs", 1)
    result = run("train", "--corpus", tmp_path / "long.txt", *small, "--out", tmp_path / "m.pkl")
    assert result.exit_code == 1
    told = " ".join(result.stderr.split())
    assert "no epoch had a finite validation perplexity, '" in told
    assert "m.pkl' is of the last one: start again with a smaller --lr" in told
    assert (tmp_path / "m.pkl").exists()
