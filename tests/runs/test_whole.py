"""A run in one call: what a Python user is told of it."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import rnnlm_cli as rnnlm
from rnnlm_cli.checkpoint.checkpoint import save_checkpoint
from rnnlm_cli.errors import CheckpointError, RnnlmWarning
from rnnlm_cli.runs import saving

SMALL: dict[str, Any] = {"wordvec_size": 8, "hidden_size": 8, "projection": False, "steps": 2}


def test_a_save_that_fails_is_a_warning_where_train_was_called(
    text_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def save(path: Path, *arguments: Any, **options: Any) -> None:
        if path.name == "m.last.pkl":
            raise CheckpointError("m.last.pkl: full: give --save-every 9")
        save_checkpoint(path, *arguments, **options)

    monkeypatch.setattr(saving, "save_checkpoint", save)
    with pytest.warns(RnnlmWarning, match=r"^m\.last\.pkl: full: give save_every=9$") as told:
        rnnlm.train(text_file, tmp_path / "m.pkl", **SMALL)
    assert told[0].filename == __file__


def test_what_is_moved_out_of_the_way_is_told_above_the_bar(
    text_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for progress in (True, False, True):
        rnnlm.train(text_file, tmp_path / "m.pkl", progress=progress, **SMALL)
        told = capsys.readouterr().err
        assert ("note: " in told) is progress
    assert "m.previous.pkl" in told


def test_a_run_leaves_the_blas_its_threads_and_computes_with_those_it_was_given(
    text_file: Path, tmp_path: Path, blas: list[int]
) -> None:
    rnnlm.train(text_file, tmp_path / "m.pkl", threads=3, **SMALL)
    assert blas[-1] == 5
    assert blas.count(3) > SMALL["steps"]
    assert all(after in (1, 5) for now, after in pairwise(blas) if now == 3)
