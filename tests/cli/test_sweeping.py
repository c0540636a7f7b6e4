from collections.abc import Iterator
from pathlib import Path

import pytest

from rnnlm_cli.cli import sweeping
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.runs.sweeps import Trial


@pytest.mark.parametrize("as_json", [False, True])
def test_a_sweep_of_which_no_run_finished_is_an_error(
    as_json: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failed(*_: object) -> Iterator[list[Trial]]:
        yield [Trial(0, {"seed": 0}, "failed", message="it diverged")]

    monkeypatch.setattr(sweeping, "sweep", failed)
    path = tmp_path / "s.toml"
    path.write_text("seeds = 1\n")
    with pytest.raises(CheckpointError, match=r"^no run has finished: "):
        sweeping.sweep_session(path, as_json=as_json)
