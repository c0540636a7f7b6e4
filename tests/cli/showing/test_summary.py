from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.cli.showing.summary import _validation, show_summary
from rnnlm_cli.runs import RunFinished
from tests.small_runs import small_run, train


@pytest.mark.parametrize(("keep", "named"), [("best", "epoch 1 of 3"), ("last", "epoch 3 of 3")])
def test_the_validation_figure_is_that_of_the_kept_weights(
    keep: Any, named: str, text_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = small_run(text_file, tmp_path / "m.pkl", epochs=3, keep=keep)
    finished = list(train(config))[-1]
    assert isinstance(finished, RunFinished)
    kept = finished.checkpoint
    rows = [
        replace(row, valid_nats=nats, is_best=nats == 2.0)
        for row, nats in zip(kept.history, (2.0, 4.0, 3.0), strict=True)
    ]
    show_summary(replace(finished, checkpoint=replace(kept, history=rows)))
    shown = capsys.readouterr().out
    assert named in shown
    assert ("7.39" if keep == "best" else "20.09") in shown


def test_a_kept_model_without_a_best_epoch_has_no_validation(trained: Path) -> None:
    kept = load_checkpoint(trained)
    rows = [replace(row, is_best=False) for row in kept.history]
    assert "(epoch" in _validation(kept)
    assert _validation(replace(kept, history=rows)) == "—"
