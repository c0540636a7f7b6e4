from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rnnlm_cli.runs import resume, train
from rnnlm_cli.runs.sweeps.worker import Finished, _told
from tests.conftest import small_run
from tests.runs.conftest import Scores


@pytest.mark.parametrize(("keep", "kept"), [("best", 0), ("last", 2)])
def test_a_run_is_judged_by_the_model_that_it_kept_whenever_it_is_asked(
    keep: Any, kept: int, text_file: Path, tmp_path: Path, epochs_score: Scores
) -> None:
    out = tmp_path / "m.pkl"
    epochs_score(1.0, 2.0, 3.0)
    *_, finished = train(small_run(text_file, out, epochs=3, keep=keep))
    told = _told(finished)
    assert isinstance(told, Finished)
    history = finished.checkpoint.history  # type: ignore[union-attr]
    assert told.valid == history[kept].valid_perplexity
    assert told.test == finished.tests[0].perplexity  # type: ignore[union-attr]
    *_, again = resume(out, {})
    assert replace(_told(again), seconds=told.seconds) == told  # type: ignore[type-var]
