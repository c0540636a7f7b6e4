"""Signals to a run in a process of its own, at every stage of it."""

import os
import pty
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.test_process import SLOW_RUN, finish, start, start_training
from tests.runs.contents import counters_of

# Lets a stage of the run wait, once it is reached, for as long as the test needs.
STAGES = {
    "reading": "rnnlm_cli.runs.run.load_corpus",
    "validation": "rnnlm_cli.training.learner.evaluate_watched",
    "test": "rnnlm_cli.training.together.evaluate_watched",
}
SLOWED = """
import importlib, sys, time
from pathlib import Path
from rnnlm_cli.cli.app import main
module, name = sys.argv[1].rsplit(".", 1)
place = importlib.import_module(module)
function, reached = getattr(place, name), Path(sys.argv[2])

def slowed(first, *arguments, **options):
    reached.touch()
    for _ in range(3000):
        time.sleep(0.01)
        if hasattr(first, "stop") and first.stop():  # the watch over what is scored
            break
    return function(first, *arguments, **options)

setattr(place, name, slowed)
sys.argv = ["rnnlm", *sys.argv[3:]]
main()
"""

ON_TERMINAL = """
import fcntl, sys, termios
from rnnlm_cli.cli.app import main
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
main()
"""


def wait_until(there: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not there() and time.monotonic() < deadline:
        time.sleep(0.02)


def stopped_in(stage: str, text: Path, out: Path) -> tuple[int, str, float]:
    """Exit code and stderr of a run that gets a SIGINT in `stage`, and the seconds it took."""
    reached = out.parent / "reached"
    arguments = ["train", "--corpus", text, *SLOW_RUN[:-1], 1, "--out", out]
    program = ["-c", SLOWED, STAGES[stage], str(reached), *map(str, arguments)]
    process = start(program=[sys.executable, *program])
    wait_until(reached.exists)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    code, stdout, stderr = finish(process)
    assert not stdout
    return code, stderr, time.monotonic() - began


@pytest.mark.parametrize("stage", ["validation", "test"])
def test_a_signal_while_a_text_is_scored_saves_at_once(
    stage: str, text_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "runs" / "m.pkl"
    out.parent.mkdir()
    code, stderr, seconds = stopped_in(stage, text_file, out)
    assert code == 130, stderr
    assert f"rnnlm train --resume --out {shlex.quote(str(out))}" in stderr
    assert seconds < 20  # the stage would take half a minute more
    assert out.exists() == (stage == "test")
    code, stdout, stderr = finish(start("train", "--resume", "--out", out))
    assert code == 0, stderr
    assert "test perplexity" in stdout


def test_a_signal_while_the_text_is_read_leaves_nothing_behind(
    text_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "runs" / "m.pkl"
    out.parent.mkdir()
    code, stderr, _ = stopped_in("reading", text_file, out)
    assert (code, stderr) == (130, "stopped before the run had begun: nothing was changed\n")
    assert [path.name for path in out.parent.iterdir()] == ["reached"]


def test_a_closed_terminal_saves_the_state(text_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "m.pkl"
    terminal, slave = pty.openpty()
    arguments = ["train", "--corpus", text_file, *SLOW_RUN, "--out", out]
    process = subprocess.Popen(
        [sys.executable, "-c", ON_TERMINAL, *map(str, arguments)],
        stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
    )  # fmt: skip
    os.close(slave)
    wait_until(out.exists)
    os.close(terminal)
    assert process.wait(60) == 128 + signal.SIGHUP
    assert counters_of(tmp_path / "m.last.pkl").step > 0


def test_two_runs_at_once_are_refused_and_the_first_goes_on(
    text_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "m.pkl"
    process = start_training(text_file, out)
    for more in (["--corpus", text_file, *SLOW_RUN], ["--resume"]):
        code, stdout, stderr = finish(start("train", *more, "--out", out))
        assert (code, stdout) == (1, "")
        assert stderr.startswith(f"error: '{out}' is being written by another run: ")
        assert len(stderr.splitlines()) == 1
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert finish(process)[0] == 143
