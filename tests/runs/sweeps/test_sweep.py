import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from multiprocessing import Pipe
from pathlib import Path

import pytest

from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.runs.sweeps import Trial, best_of, read_plan

pytest.importorskip("optuna")

from rnnlm_cli.runs.sweeps import sweep
from rnnlm_cli.runs.sweeps.run_process import Failed, Finished, Stopped, Validated
from rnnlm_cli.runs.sweeps.study import Study
from rnnlm_cli.runs.sweeps.sweep import _Sweep
from tests.small_runs import simple_text


@pytest.fixture
def asked(tmp_path: Path) -> Callable[..., Path]:
    """A file that asks for a sweep of small runs."""
    (tmp_path / "t.txt").write_text(simple_text())

    def write(head: str, space: str = "", epochs: int = 1) -> Path:
        fixed = (
            f"corpus = '{tmp_path / 't.txt'}'\nepochs = {epochs}\nhidden-size = 8\n"
            "wordvec-size = 8\nbatch-size = 2\ntime-size = 5\npreset = 'tiny'\n"
        )
        path = tmp_path / "s.toml"
        path.write_text(f"{head}\n[fixed]\n{fixed}\n{space}")
        return path

    return write


def ended(path: Path, stop: Callable[[], bool] = lambda: False) -> list[Trial]:
    *_, trials = sweep(read_plan(path), stop)
    return trials


@pytest.mark.untraced
def test_the_best_of_the_runs_keeps_its_model_and_a_bad_one_says_why(
    asked: Callable[..., Path], tmp_path: Path
) -> None:
    path = asked("jobs = 2", "[space]\nlr = [1.0, 0.001]\nlayers = [1]\nbatch-size = [2, 100000]")
    path.write_text(path.read_text().replace("batch-size = 2\n", "", 1))
    trials = ended(path)
    assert [trial.state for trial in trials] == ["done", "failed", "done", "failed"]
    assert "batch" in trials[1].message
    best = best_of(trials)
    assert best is not None
    assert best.valid == min(t.valid for t in trials if t.state == "done")
    assert {each.name for each in (tmp_path / "s").glob("*.pkl")} == {f"{best.number}.pkl"}


@pytest.mark.slow
@pytest.mark.untraced
def test_a_sweep_that_is_killed_goes_on_to_the_same_end(
    asked: Callable[..., Path], tmp_path: Path
) -> None:
    path = asked("seeds = 2\njobs = 2", epochs=30)
    expected = [(trial.valid, trial.test) for trial in ended(path)]
    (tmp_path / "s").rename(tmp_path / "before")
    program = [sys.executable, "-m", "rnnlm_cli", "train", "--sweep", str(path)]
    process = subprocess.Popen(program, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while not list((tmp_path / "s").glob("*.last.pkl")) and time.monotonic() < until:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    while time.monotonic() < until:  # its runs see that they are alone, save, and end
        try:
            found = ended(path)
            break
        except CheckpointError:
            time.sleep(0.2)
    assert [(trial.valid, trial.test) for trial in found] == expected


@pytest.mark.slow
@pytest.mark.untraced
def test_runs_that_are_stopped_wait_and_go_on(asked: Callable[..., Path]) -> None:
    path = asked("seeds = 1", epochs=30)
    (expected,) = ended(path)
    path.rename(path.with_name("r.toml"))
    path = path.with_name("r.toml")
    turns = iter([False] * 12)
    (cut,) = ended(path, lambda: next(turns, True))
    assert cut.state == "waiting"
    (whole,) = ended(path)
    assert (whole.state, whole.valid, whole.test) == ("done", expected.valid, expected.test)


class FakeWorker:
    """A run whose process has told all that it had to tell."""

    def __init__(self, number: int, *told: object) -> None:
        self.number = number
        self.connection, theirs = Pipe()
        for each in told:
            theirs.send(each)
        theirs.close()

    def ask_to_stop(self) -> None:
        pass

    def wait(self) -> int:
        return -9


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ([Validated(1, 5.0, 1.0), Finished(4.0, 3.0, 2.0)], "done"),
        ([Validated(1, 5.0, 1.0), Stopped(2.0)], "waiting"),
        ([Validated(1, 5.0, 1.0)], "waiting"),  # killed, as the sweep may be next
        ([Failed("it diverged")], "failed"),
        ([Validated(1, math.inf, 1.0), Finished(math.inf, 3.0, 2.0)], "failed"),
    ],
)
def test_a_run_that_ends_while_the_sweep_stops_has_ended(
    told: list[object], state: str, asked: Callable[..., Path]
) -> None:
    plan = read_plan(asked("seeds = 1"))
    plan.folder.mkdir()
    of = _Sweep(plan)
    trial = of._study.next()
    assert trial
    of._trials[0] = replace(trial, state="running")
    of._workers[0] = FakeWorker(0, *told)  # type: ignore[assignment]
    of.stop_all()
    (known,) = of._study.trials()
    assert (of._trials[0].state, known.state) == (state, state)
    assert bool(of._trials[0].message) is (state == "failed")
    assert of._trials[0].message == known.message
    if state == "done":
        assert (known.valid, known.test, known.seconds) == (4.0, 3.0, 2.0)


def test_two_sweeps_in_one_folder_are_refused(asked: Callable[..., Path]) -> None:
    plan = read_plan(asked("seeds = 1"))
    first = sweep(plan)
    next(first)
    with pytest.raises(CheckpointError, match="is being written by another sweep"):
        next(sweep(plan))
    first.close()  # type: ignore[attr-defined]


def test_a_folder_that_cannot_be_used_is_told(asked: Callable[..., Path], tmp_path: Path) -> None:
    plan = read_plan(asked("seeds = 1"))
    (tmp_path / "s").write_text("a file")
    with pytest.raises(CheckpointError, match=r"s', where the runs .* \(File exists\): move"):
        next(sweep(plan))


def test_numbers_of_a_range_are_of_the_type_of_their_setting(asked: Callable[..., Path]) -> None:
    space = "[space]\nlr = {low = 1, high = 2}\nlayers = {low = 1, high = 3}"
    plan = read_plan(asked("trials = 2\nseed = 1", space))
    plan.folder.mkdir()
    trial = Study(plan).next()
    assert trial is not None
    assert 1 < trial.params["lr"] < 2
    assert isinstance(trial.params["layers"], int)
