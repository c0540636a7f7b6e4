"""One writer a target, and readers that never see half a file."""

import errno
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from rnnlm_cli.checkpoint.naming import lock_path
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.runs import RunFinished, RunStarted, resume, state_path
from rnnlm_cli.runs.lock import RunLock, check_unlocked
from rnnlm_cli.training.reports import EpochReport
from tests.runs.contents import counters_of
from tests.small_runs import small_run, train

ROOT = Path(__file__).parents[2]
HOLD = """
import sys
from pathlib import Path
from rnnlm_cli.checkpoint.naming import lock_path
from rnnlm_cli.runs.lock import RunLock
with RunLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "m.pkl"


def test_a_second_run_on_the_same_file_is_refused_and_a_later_one_is_not(
    text_file: Path, out: Path
) -> None:
    first = train(small_run(text_file, out))
    next(first)
    with pytest.raises(CheckpointError, match=r"m\.pkl' is being written by another run"):
        next(train(small_run(text_file, out)))
    first.close()
    assert isinstance(next(train(small_run(text_file, out))), RunStarted)


def test_two_runs_do_not_write_one_log(text_file: Path, out: Path) -> None:
    log, other = out.with_name("run.jsonl"), small_run(text_file, out.with_name("o.pkl"))
    list(train(other))
    first = train(small_run(text_file, out, log=log))
    while not isinstance(next(first), EpochReport):
        pass
    files = {path: path.read_bytes() for path in (log, other.out)}
    refused = r"run\.jsonl' is being written by another run: .*, or choose another --log"
    goes_on = {"log": log, "epochs": 9}
    for second in (train(replace(other, log=log)), resume(other.out, goes_on)):
        with pytest.raises(CheckpointError, match=refused):
            next(second)
    assert {path: path.read_bytes() for path in files} == files
    first.close()
    assert isinstance(next(resume(other.out, goes_on)), RunStarted)


def test_a_run_that_is_refused_has_not_read_its_text(tmp_path: Path, out: Path) -> None:
    config = small_run(tmp_path / "no such text", out)
    with RunLock(out), pytest.raises(CheckpointError, match="another run"):
        next(train(config))


def test_a_run_under_way_is_not_resumed(text_file: Path, out: Path) -> None:
    list(train(small_run(text_file, out)))
    with RunLock(out), pytest.raises(CheckpointError, match="another run"):
        next(resume(out, {}))


def test_a_link_and_another_spelling_take_the_same_lock(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(out.parent)
    (out.parent / "folder").mkdir()
    (out.parent / "folder" / "link.pkl").symlink_to("../m.pkl")
    for spelling in ("m.pkl", "folder/../m.pkl", "folder/link.pkl"):
        assert lock_path(Path(spelling)) == out.with_name(".m.pkl.lock")
        with RunLock(out), pytest.raises(CheckpointError, match="another run"):
            check_unlocked(Path(spelling))


def test_a_killed_run_frees_its_lock(out: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(out)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(CheckpointError, match="another run"):
            check_unlocked(out)
        process.send_signal(signal.SIGKILL)
        process.wait()
        check_unlocked(out)


def test_looking_for_a_lock_leaves_none_behind(out: Path) -> None:
    check_unlocked(out)
    assert list(out.parent.iterdir()) == []


@pytest.mark.parametrize(("number", "goes_on"), [(errno.ENOLCK, True), (errno.EIO, False)])
def test_a_file_system_without_locks_is_told_and_a_broken_one_refused(
    number: int, goes_on: bool, text_file: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(FileLock, "acquire", refuse)
    run = train(small_run(text_file, out, log=(log := out.with_name("run.jsonl"))))
    if not goes_on:
        with pytest.raises(CheckpointError, match=r"cannot be locked \(Input/output error\)"):
            next(run)
        return
    started = next(run)
    assert isinstance(started, RunStarted)
    told = {f"{out.parent} knows no locks: let no other run write {x.name}" for x in (out, log)}
    assert told <= set(started.notes)
    assert isinstance(list(run)[-1], RunFinished)
    again = next(resume(out, {"log": log}))
    assert isinstance(again, RunStarted)
    assert told <= set(again.notes)


def test_a_lock_that_was_removed_and_taken_by_another_run_is_not_written_over(out: Path) -> None:
    with RunLock(out) as mine:
        lock_path(out).unlink()
        mine.renew()  # nobody else was there
        lock_path(out).unlink()
        with RunLock(out), pytest.raises(CheckpointError, match="another run"):
            mine.renew()


def test_an_earlier_run_that_another_one_goes_on_with_is_not_moved_over(
    text_file: Path, out: Path
) -> None:
    previous, other = (out.with_name(f"m.previous{number}.pkl") for number in ("", "-2"))
    for _ in range(2):
        list(train(small_run(text_file, out)))
    going_on = resume(previous, {"epochs": 3})
    next(going_on)
    before, model = (path.read_bytes() for path in (previous, out))
    started = next(train(small_run(text_file, out)))
    assert isinstance(started, RunStarted)
    assert f"an earlier run's {out} is now {other}" in started.notes
    assert (previous.read_bytes(), other.read_bytes()) == (before, model)
    assert isinstance(list(going_on)[-1], RunFinished)
    assert counters_of(state_path(previous)).epoch == 3


# Ends by counts: however slow either side is, both have worked beside the other.
READER = """
import sys
from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
count, steps = 0, set()
print("ready", flush=True)
while count < int(sys.argv[2]) or len(steps) <= 10:
    load_checkpoint(sys.argv[1])
    steps.add(load_checkpoint(sys.argv[1].replace(".pkl", ".last.pkl")).resume.state.counters.step)
    count += 1
"""


def test_a_reader_never_sees_half_a_file(text_file: Path, out: Path, long: bool) -> None:
    list(train(small_run(text_file, out)))
    reads = "5000" if long else "200"
    run = resume(out, {"epochs": 1_000_000, "save_every": 1e-9})  # saves after every step
    with subprocess.Popen(
        [sys.executable, "-c", READER, str(out), reads], cwd=ROOT, stdout=subprocess.PIPE
    ) as reader:
        assert reader.stdout is not None
        reader.stdout.readline()
        while reader.poll() is None:
            next(run)
    assert reader.returncode == 0
