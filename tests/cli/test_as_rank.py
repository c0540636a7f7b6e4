"""The command under mpirun: ranks that are processes, their errors, signals and deaths."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.runs import state_path
from tests.cli.test_process import COMMAND, finish, start
from tests.runs.contents import content, counters_of

pytest.importorskip("mpi4py", reason="mpi4py is not installed: rnnlm-cli[mpi]")
MPIRUN = shutil.which("mpirun", path=f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(MPIRUN is None, reason="no mpirun is installed: rnnlm-cli[mpi]"),
]

# As root, and with more ranks than cores: what Open MPI wants to be told, and MPICH does not know.
ENVIRONMENT = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
}
SETTINGS = (
    "--preset small --hidden-size 12 --wordvec-size 10 --projection --batch-size 8 --time-size 5 "
    "--dropout 0.3 --dropout-hidden 0.2 --weight-drop 0.2 --word-dropout 0.1 --head-size 4 "
    "--reset-probability 0.1 --optimizer sgd --lr 1 --threads 1"
).split()
SAVING = ["--save-every", "0.05"]
TRAINING_FOR_HOURS = [*SETTINGS, *SAVING, "--steps", 10**6]
SOON = 10.0  # seconds in which all ranks end once one of them has

# A rank that follows: what it calls to learn does what the second line says.
SPOILT = """
import os, sys
from rnnlm_cli.training.learner import Learner
whole, rank = Learner.learn, os.environ["OMPI_COMM_WORLD_RANK"]

def learn(self, *arguments, **options):
    if rank == "1" and self.counters.step == 5:
        raise RuntimeError("spoilt on purpose")
    return whole(self, *arguments, **options)

Learner.learn = learn
from rnnlm_cli.__main__ import main
main()
"""


def ranks(number: int, *arguments: object, program: list[str] = COMMAND) -> subprocess.Popen[bytes]:
    mpirun = [str(MPIRUN), "-n", str(number)]
    environment = {**os.environ, **ENVIRONMENT}
    return start(*arguments, program=[*mpirun, *program], env=environment)


def trained(number: int, text: Path, out: Path, *more: object) -> tuple[int, str, str]:
    """Of so many ranks; 1: the command by itself."""
    arguments = ("train", "--corpus", text, "--out", out, *more)
    return finish(ranks(number, *arguments) if number > 1 else start(*arguments))


def until_saved(process: subprocess.Popen[bytes], out: Path, step: int = 0) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if state_path(out).exists() and counters_of(state_path(out)).step > step:
            return
        time.sleep(0.05)
    raise AssertionError(finish(process))


def largest_difference(first: Path, second: Path) -> float:
    pairs = zip(load_checkpoint(first).params, load_checkpoint(second).params, strict=True)
    return max(float(np.abs(a - b).max()) for a, b in pairs)


@pytest.mark.parametrize("number", [2, 4])
def test_ranks_train_the_model_of_one_process(number: int, text_file: Path, tmp_path: Path) -> None:
    more = (*SETTINGS, "--steps", 50)
    alone, together = tmp_path / "alone.pkl", tmp_path / "together.pkl"
    assert trained(1, text_file, alone, *more)[0] == 0
    code, out, err = trained(number, text_file, together, *more)
    assert code == 0, err
    assert "perplexity" in out
    assert "\x1b" not in out + err
    assert f"{number} ranks, {number} on this machine; 1 thread each" in err
    assert largest_difference(together, alone) < 1e-4
    assert load_checkpoint(together).libraries["threads"] == f"1 in each of {number} ranks"


def test_a_usage_error_is_told_once_and_ends_all_with_its_code(tmp_path: Path) -> None:
    began = time.monotonic()
    code, _, err = finish(ranks(2, "train", "--nonsense", 3))
    assert code == 2
    assert err.count("rnnlm train has no --nonsense") == 1
    assert time.monotonic() - began < SOON + 20  # until they have begun


def test_other_commands_are_done_by_rank_0_alone(tmp_path: Path, text_file: Path) -> None:
    assert trained(1, text_file, tmp_path / "m.pkl", "--preset", "tiny", "--steps", 3)[0] == 0
    code, out, err = finish(ranks(2, "eval", tmp_path / "m.pkl", "--json"))
    assert code == 0, err
    assert out.count('"perplexity"') == 1


def test_an_exception_on_one_rank_ends_all(text_file: Path, tmp_path: Path) -> None:
    arguments = ("train", "--corpus", text_file, "--out", tmp_path / "m.pkl", *TRAINING_FOR_HOURS)
    process = ranks(2, *arguments, program=[sys.executable, "-c", SPOILT])
    code, _, err = finish(process)
    assert code == 1
    assert "rank 1:" in err
    assert "spoilt on purpose" in err


@pytest.mark.parametrize("rank", [0, 1])
def test_a_killed_rank_ends_all_and_a_resume_goes_on(
    rank: int, text_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "m.pkl"
    process = ranks(2, "train", "--corpus", text_file, "--out", out, *TRAINING_FOR_HOURS)
    until_saved(process, out)
    os.kill(numbers_of_ranks(process.pid)[rank], signal.SIGKILL)
    began = time.monotonic()
    code, _, _ = finish(process)
    assert code != 0
    assert time.monotonic() - began < SOON
    process = ranks(2, "train", "--out", out, "--resume")
    until_saved(process, out, counters_of(state_path(out)).step)
    process.send_signal(signal.SIGUSR1)
    code, _, err = finish(process)
    assert code == 128 + signal.SIGUSR1
    assert "not bit-exact" not in err


def numbers_of_ranks(launcher: int) -> list[int]:
    """The processes that a launcher has started, by their rank."""
    found = dict[int, int]()
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            told = (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        numbers = [int(t.split(b"=")[1]) for t in told if t.startswith(b"OMPI_COMM_WORLD_RANK=")]
        if parent == launcher and numbers:
            found[numbers[0]] = int(folder.name)
    return [found[rank] for rank in sorted(found)]


def test_a_signal_to_the_launcher_stops_all_at_one_step(text_file: Path, tmp_path: Path) -> None:
    out, straight = tmp_path / "m.pkl", tmp_path / "straight.pkl"
    more = [*SETTINGS, *SAVING, "--steps", 150]
    process = ranks(2, "train", "--corpus", text_file, "--out", out, *more)
    until_saved(process, out)
    process.send_signal(signal.SIGUSR1)
    code, _, err = finish(process)
    assert code == 128 + signal.SIGUSR1
    assert "--resume" in err
    assert counters_of(state_path(out)).step < 150
    assert trained(2, text_file, out, "--resume")[0] == 0
    assert trained(2, text_file, straight, *more)[0] == 0
    assert content(out) == content(straight)
    assert content(state_path(out)) == content(state_path(straight))


def test_a_resume_by_another_number_of_ranks_says_so(text_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "m.pkl"
    assert trained(2, text_file, out, *SETTINGS, "--steps", 20)[0] == 0
    code, _, err = trained(1, text_file, out, "--resume", "--steps", 25)
    assert code == 0, err
    assert "threads was 1 in each of 2 ranks, now" in err


@pytest.mark.long
def test_a_run_killed_at_ten_random_steps_goes_on_from_its_last_state(
    text_file: Path, tmp_path: Path
) -> None:
    out, rng = tmp_path / "m.pkl", np.random.default_rng(0)
    settings: tuple[object, ...] = ("--corpus", text_file, *TRAINING_FOR_HOURS)
    step = 0
    for _ in range(10):
        process = ranks(2, "train", "--out", out, *settings)
        settings = ("--resume",)
        until_saved(process, out, step)
        time.sleep(rng.uniform(0, 1))
        os.kill(numbers_of_ranks(process.pid)[rng.integers(2)], signal.SIGKILL)
        finish(process)
        reached = counters_of(state_path(out)).step  # whole, and no step is lost that was saved
        assert reached > step
        step = reached


def test_without_mpi4py_a_launcher_is_told_and_a_process_alone_is_as_ever(tmp_path: Path) -> None:
    (tmp_path / "mpi4py.py").write_text("raise ImportError('broken on purpose')\n")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    process = start("--version", env=environment)
    assert finish(process)[0] == 0
    launched = environment | {"OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "0"}
    code, _, err = finish(start("--version", env=launched))
    assert code == 1
    assert "mpi4py, which cannot be used here (broken on purpose): pip install" in err
    code, _, err = finish(start("--version", env=launched | {"OMPI_COMM_WORLD_RANK": "1"}))
    assert (code, err) == (1, "")
    assert finish(start("--version", env=launched | {"OMPI_COMM_WORLD_SIZE": "1"}))[0] == 0
