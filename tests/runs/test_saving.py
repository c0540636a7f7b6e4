"""Saves that fail: what is told, what is kept, and what is tried again."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint, save_checkpoint
from rnnlm_cli.checkpoint.naming import older_path
from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.runs import Event, RunFinished, RunStarted, SaveFailed, resume, saving, state_path
from rnnlm_cli.runs.around import Around
from rnnlm_cli.training.reports import EpochReport, StepReport
from tests.runs.contents import content, counters_of, record_of
from tests.small_runs import small_run, train

Full = Callable[[Path, int], bool]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "m.pkl"


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[Full], list[str]]:
    """A disk on which a save fails if full(path, number of the save) says so; lists the saves."""

    def use(full: Full) -> list[str]:
        saves: list[str] = []

        def save(path: Path, *arguments: Any, **options: Any) -> None:
            saves.append(path.name)
            if full(path, len(saves)):
                raise CheckpointError(f"{path.name}: 9 bytes could not be written: full")
            save_checkpoint(path, *arguments, **options)

        monkeypatch.setattr(saving, "save_checkpoint", save)
        return saves

    return use


def kinds(events: list[Event]) -> list[str]:
    return [type(event).__name__ for event in events if not isinstance(event, StepReport)]


def test_a_save_that_fails_is_told_and_tried_again(
    text_file: Path, out: Path, disk: Callable[[Full], list[str]]
) -> None:
    saves = disk(lambda _, number: number <= 2)
    config = small_run(text_file, out, save_every=60.0, epochs=1)
    events = list(train(config, Around(clock=count(0.0).__next__)))
    told = [event.message for event in events if isinstance(event, SaveFailed)]
    assert told == ["m.last.pkl: 9 bytes could not be written: full"] * 2
    assert saves[:3] == ["m.last.pkl"] * 3
    assert isinstance(events[-1], RunFinished)


def test_a_best_model_that_could_not_be_written_is_written_as_it_was(
    text_file: Path, out: Path, disk: Callable[[Full], list[str]]
) -> None:
    disk(lambda path, _: path.name == "m.pkl" and not full.pop())
    full = [True, False]  # from the end: the first save of the model fails
    best: list[bytes] = []
    run = train(small_run(text_file, out, save_every=60.0), Around(clock=count(0.0).__next__))
    started = next(run)
    assert isinstance(started, RunStarted)
    while not out.exists():
        if isinstance(next(run), EpochReport):
            best = [array.tobytes() for array in started.model.params]
            assert counters_of(state_path(out)).step_in_epoch > 0  # not ahead
    assert [array.tobytes() for array in load_checkpoint(out).params] == best
    assert best != [array.tobytes() for array in started.model.params]


def test_a_best_model_that_cannot_be_written_at_the_end_is_an_error(
    text_file: Path, out: Path, disk: Callable[[Full], list[str]]
) -> None:
    disk(lambda path, _: path.name == "m.pkl")
    with pytest.raises(CheckpointError, match="full; then train again, nothing has been saved"):
        list(train(small_run(text_file, out)))


def test_a_state_that_cannot_be_written_at_the_end_does_not_cost_the_result(
    text_file: Path, out: Path, disk: Callable[[Full], list[str]]
) -> None:
    disk(lambda path, _: path.name == "m.last.pkl")
    events = list(train(small_run(text_file, out)))
    assert kinds(events).count("SaveFailed") == 3  # two epochs, and once more before the test
    assert isinstance(events[-1], RunFinished)


def test_a_stop_in_the_final_test_is_an_error_where_the_state_is_not_saved(
    text_file: Path, out: Path, disk: Callable[[Full], list[str]]
) -> None:
    disk(lambda path, _: path.name == "m.last.pkl")
    with pytest.raises(CheckpointError, match=r"m\.last\.pkl: 9 bytes"):
        list(train(small_run(text_file, out, epochs=1), Around(stop=out.exists)))


def test_a_stop_whose_save_fails_says_where_a_resume_begins(
    text_file: Path, out: Path, disk: Callable[[Full], list[str]]
) -> None:
    saves = disk(lambda *_: len(saves) > 2)  # model and state of the first epoch are written
    run = train(small_run(text_file, out), Around(stop=lambda: len(saves) == 2))
    with pytest.raises(CheckpointError, match=r"full; then --resume goes on from step 53"):
        list(run)


def test_a_result_that_cannot_be_completed_is_completed_by_a_resume(
    text_file: Path, out: Path, disk: Callable[[Full], list[str]]
) -> None:
    list(train(small_run(text_file, out)))
    undisturbed = content(out)
    disk(lambda path, number: path.name == "m.pkl" and number == 5)
    with pytest.raises(CheckpointError, match=r"full; then --resume goes on"):
        list(train(small_run(text_file, out)))
    assert isinstance(list(resume(out, {}))[-1], RunFinished)
    assert content(out) == undisturbed


LIMITED = """
import resource, sys
from pathlib import Path
from tests.small_runs import small_run, train
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
list(train(small_run(Path(sys.argv[1]), Path(sys.argv[2]))))
"""


def test_a_disk_that_is_full_is_told_before_the_first_step(text_file: Path, out: Path) -> None:
    command = [sys.executable, "-c", LIMITED, str(text_file), str(out)]
    environment = {**os.environ, "RNNLM_CACHE": str(out.parent / "cache")}
    process = subprocess.run(
        command, cwd=Path(__file__).parents[2], env=environment, capture_output=True, text=True
    )
    assert "m.pkl: " in process.stderr
    assert "bytes could not be written: File too large: make room" in process.stderr
    assert not list(out.parent.glob("*.pkl"))


def test_a_real_limit_in_the_middle_is_survived(text_file: Path, out: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    events: list[Event] = []
    try:
        for event in train(small_run(text_file, out, epochs=3)):
            events.append(event)
            if isinstance(event, EpochReport):
                limit = 1000 if event.epoch == 1 else soft
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert kinds(events).count("SaveFailed") == 1
    assert isinstance(events[-1], RunFinished)
    assert not list(out.parent.glob(".*tmp"))


def test_a_folder_removed_under_the_run_is_made_again(text_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "gone" / "m.pkl"
    run = train(small_run(text_file, out))
    next(run)
    moved = tmp_path / "moved"
    out.parent.rename(moved)
    assert isinstance(list(run)[-1], RunFinished)
    assert record_of(out).test_perplexity


def test_a_folder_that_cannot_be_made_again_is_told_until_it_can(
    text_file: Path, tmp_path: Path
) -> None:
    out, told = tmp_path / "gone" / "m.pkl", []
    run = train(small_run(text_file, out, epochs=3))
    next(run)
    out.parent.rename(tmp_path / "moved")
    out.parent.touch()
    for event in run:
        if isinstance(event, SaveFailed):
            told.append(event.message)
            out.parent.unlink()
    assert told == [f"'{out.parent}' is gone and cannot be made again (File exists): make it, "
                    "and the run saves there"]  # fmt: skip
    assert record_of(out).test_perplexity


def test_a_state_removed_under_the_run_is_written_again(text_file: Path, out: Path) -> None:
    for event in train(small_run(text_file, out)):
        if isinstance(event, EpochReport) and event.epoch == 1:
            state_path(out).unlink()
    assert counters_of(state_path(out)).finished


def test_what_is_no_lack_of_room_costs_no_state(
    text_file: Path, out: Path, disk: Callable[[Full], list[str]]
) -> None:
    disk(lambda _, number: number == 5)
    list(train(small_run(text_file, out, epochs=3)))
    assert older_path(out).exists()
