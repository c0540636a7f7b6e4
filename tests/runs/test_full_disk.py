"""A disk that fills up under a run: what gives way, what stays, and how much room is asked for."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rnnlm_cli import atomic
from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.checkpoint.naming import older_path
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.runs import Event, RunFinished, SaveFailed, resume, state_path
from rnnlm_cli.runs.setup import Setup
from rnnlm_cli.settings.run import RunRequest
from rnnlm_cli.training.reports import EpochReport, StepReport
from tests.pickling.faults import FullDisk
from tests.runs.contents import content, counters_of
from tests.small_runs import simple_text, small_run, train


def kinds(events: list[Event]) -> list[str]:
    return [type(event).__name__ for event in events if not isinstance(event, StepReport)]


def wide_run(text: Path, out: Path, **settings: Any) -> RunRequest:
    """A run whose states are large beside what an epoch adds to them."""
    wide: dict[str, Any] = {"wordvec_size": 40, "hidden_size": 40, "optimizer": "adam", "lr": 0.01}
    return small_run(text, out, **wide | settings)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The end of a wide run of four epochs that nothing disturbs."""
    folder = tmp_path_factory.mktemp("whole")
    (text := folder / "m.txt").write_text(simple_text())
    list(train(wide_run(text, folder / "m.pkl", epochs=4)))
    return folder / "m.pkl"


def on_disk(out: Path, room: int, monkeypatch: pytest.MonkeyPatch) -> FullDisk:
    """A folder for `out` on a disk of its own."""
    out.parent.mkdir()
    monkeypatch.setattr(atomic, "os", disk := FullDisk(out.parent, room))
    return disk


def needed(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """What the runs to come say that they need on the disk."""
    said: list[list[int]] = []
    sizes_of_files = Setup.sizes_of_files

    def spy(run: Setup) -> list[int]:
        said.append(sizes_of_files(run))
        return said[-1]

    monkeypatch.setattr(Setup, "sizes_of_files", spy)
    return said


@pytest.mark.parametrize("settings", [{}, {"optimizer": "sgd"}, {"average": 0.5}])
def test_the_room_for_a_model_and_three_states_and_a_model_is_tested_and_is_enough(
    settings: dict[str, Any], text_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, said = tmp_path / "disk" / "m.pkl", needed(monkeypatch)
    disk = on_disk(out, 1 << 30, monkeypatch)
    config = wide_run(text_file, out, epochs=3, **settings)
    next(train(config))
    asked = sum(said[0])
    disk.room = disk.used() + asked - 100  # the digits of a time are more or fewer
    with pytest.raises(CheckpointError, match=r"[\d,]{7} bytes could not be written: No space"):
        next(train(config))
    assert not list(out.parent.glob("*.pkl"))
    disk.room += 200
    assert kinds(list(train(config))).count("SaveFailed") == 0
    model, state = out.stat().st_size, state_path(out).stat().st_size
    assert said[0][0] >= model
    assert said[0][2] >= state
    assert asked <= 1.05 * (2 * model + 3 * state)


def test_on_a_disk_that_fills_up_the_older_state_gives_way(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, events = tmp_path / "disk" / "m.pkl", []
    disk = on_disk(out, 1 << 30, monkeypatch)
    for event in train(wide_run(whole.with_suffix(".txt"), out, epochs=4)):
        events.append(event)
        if isinstance(event, EpochReport) and event.epoch == 2:
            disk.room = disk.used() + 4000  # as much as the history grows
    assert kinds(events).count("SaveFailed") == 0
    assert counters_of(state_path(out)).finished
    assert content(out) == content(whole)
    assert content(state_path(out)) == content(state_path(whole))


def test_on_a_full_disk_model_and_newest_state_survive_and_a_resume_goes_on_from_them(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "disk" / "m.pkl"
    disk = on_disk(out, 1 << 30, monkeypatch)
    run = train(wide_run(whole.with_suffix(".txt"), out, epochs=4))
    next(event for event in run if isinstance(event, EpochReport) and event.epoch == 2)
    disk.room = out.stat().st_size + state_path(out).stat().st_size  # none for a temporary file
    for epoch in (3, 4):
        told = next(event for event in run if isinstance(event, SaveFailed))
        assert "No space left" in told.message, epoch
        assert len(load_checkpoint(out).history) == 2
        assert counters_of(state_path(out)).epoch == 3
    with pytest.raises(CheckpointError, match="then --resume goes on from step 106"):
        list(run)
    assert not older_path(out).exists()
    disk.room = 1 << 30
    assert isinstance(list(resume(out, {}))[-1], RunFinished)
    assert content(out) == content(whole)


def test_a_state_before_the_newest_does_not_give_way_where_there_is_no_newest(
    text_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "disk" / "m.pkl"
    disk = on_disk(out, 1 << 30, monkeypatch)
    run = train(wide_run(text_file, out, epochs=4))
    next(event for event in run if isinstance(event, EpochReport) and event.epoch == 2)
    state_path(out).unlink()
    disk.room = disk.used()
    next(event for event in run if isinstance(event, SaveFailed))
    assert counters_of(older_path(out)).epoch == 2


SMALL_DISK = """
import contextlib, sys
from pathlib import Path
from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.training.reports import EpochReport
from rnnlm_cli.runs import resume, state_path
from tests.small_runs import train
from rnnlm_cli.checkpoint.naming import older_path
from tests.runs.contents import content, counters_of
from tests.runs.test_full_disk import wide_run

text, disk, whole = map(Path, sys.argv[1:])
out, filler = disk / "m.pkl", disk / "filler"
with contextlib.suppress(CheckpointError):
    next(train(wide_run(text, out, wordvec_size=200, hidden_size=200, epochs=4)))
    sys.exit("a run that has no room has begun")
assert list(disk.glob("*.pkl")) == []
try:
    for event in train(wide_run(text, out, epochs=4)):
        if isinstance(event, EpochReport) and event.epoch > 1:
            if event.epoch == 3:  # what gave way once has come back with the next save
                older_path(out).unlink()
            with contextlib.suppress(OSError), filler.open("ab", buffering=0) as file:
                while True:
                    file.write(bytes(512))
    sys.exit("the disk was never full")
except CheckpointError as error:
    print(error)
assert counters_of(state_path(out)).epoch >= 3
load_checkpoint(out)
filler.unlink()
list(resume(out, {}))
assert content(out) == content(whole)
"""


def test_a_real_disk_that_is_small_and_fills_up_loses_nothing(whole: Path, tmp_path: Path) -> None:
    (disk := tmp_path / "disk").mkdir()
    mounted = ["unshare", "--map-root-user", "--mount", "sh", "-ec"]
    mount = 'mount -t tmpfs -o size=700k tmpfs "$1"'
    script = f'{mount}; shift; exec "$@"'
    try:
        subprocess.run([*mounted, mount, "sh", str(disk)], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"this system lets nobody mount a small disk: {error}")
    paths = map(str, (whole.with_suffix(".txt"), disk, whole))
    process = subprocess.run(
        [*mounted, script, "sh", str(disk), sys.executable, "-c", SMALL_DISK, *paths],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "RNNLM_CACHE": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stderr
    assert "No space left on device: make room" in process.stdout
    assert "then --resume goes on from step" in process.stdout
