from collections.abc import Iterator
from pathlib import Path

import pytest

from rnnlm_cli.cli import train_sweep
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.runs.sweeps import Trial


@pytest.mark.parametrize("as_json", [False, True])
def test_a_sweep_of_which_no_run_finished_is_an_error(
    as_json: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failed(*_: object) -> Iterator[list[Trial]]:
        yield [Trial(0, {"seed": 0}, "failed", message="it diverged")]

    monkeypatch.setattr(train_sweep, "sweep", failed)
    path = tmp_path / "s.toml"
    path.write_text("seeds = 1\n")
    with pytest.raises(CheckpointError, match=r"^no run has finished: "):
        train_sweep.sweep_session(path, as_json=as_json)
