"""A run that is killed between any two of its writes ends, resumed, like one left in peace."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.small_runs import simple_text

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "fewest"), [("new", 10), ("extended", 5)])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_run_killed_at_any_save_resumes_to_the_same_end(
    mode: str, fewest: int, moment: str, tmp_path: Path, long: bool
) -> None:
    text = tmp_path / "short.txt"
    text.write_text(simple_text(60))
    calls = "all" if long else "replace"
    command = [sys.executable, "-m", "tests.runs.killing", mode, calls, moment, text, tmp_path]
    one_thread = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}  # a process with threads cannot fork
    process = subprocess.run(
        list(map(str, command)), cwd=ROOT, env=one_thread, capture_output=True, check=False
    )
    assert process.returncode == 0, process.stderr.decode()
    seen = json.loads(process.stdout)
    assert len(seen) >= fewest
    assert [kill for kill in seen if not kill[1]] == []
    notes = [note for kill in seen for note in kill[2]]
    assert not [note for note in notes if "damaged" in note or "not there" in note]
