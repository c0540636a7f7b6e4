"""Event files in a folder: none of others among them, and those of another run moved aside."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from rnnlm_cli.errors import ConfigError, MissingExtra
from rnnlm_cli.runs import resume
from rnnlm_cli.runs.tensorboard_folder import check_tensorboard
from rnnlm_cli.settings.run import RunRequest
from tests.runs.test_tensorboard import read
from tests.small_runs import small_run, train


def test_an_earlier_run_is_moved_into_a_folder_of_its_own(text_file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "tb"
    run = small_run(text_file, tmp_path / "m.pkl", tensorboard=folder)
    before = []
    for lr in (1.0, 1.0, 2.0):
        list(train(replace(run, settings={**run.settings, "lr": lr})))
        before.append(read(folder)[0])
    asides = sorted(path for path in folder.iterdir() if path.is_dir())
    assert [len(list(aside.iterdir())) for aside in asides] == [1, 1]
    assert asides[1].name == f"{asides[0].name}-2"
    assert [read(aside)[0] for aside in asides] == before[:2]


def test_a_resume_leaves_the_files_of_its_run_where_they_are(
    text_file: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "tb"
    run = small_run(text_file, tmp_path / "m.pkl", tensorboard=folder)
    list(train(run))
    other = small_run(text_file, tmp_path / "o.pkl", lr=1.0)
    list(train(other))
    list(resume(run.out, {"tensorboard": folder, "epochs": 3}))
    assert not any(path.is_dir() for path in folder.iterdir())
    list(resume(other.out, {"tensorboard": folder, "epochs": 3}))
    assert len([path for path in folder.iterdir() if path.is_dir()]) == 1


def test_files_of_another_program_are_not_mixed_with_ours(text_file: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "events.out.tfevents.1780000000.host.1.0"
    theirs.touch()
    with pytest.raises(ConfigError, match=r"of another program .*: choose another --tensorboard"):
        next(iter(train(small_run(text_file, tmp_path / "m.pkl", tensorboard=tmp_path))))
    assert not (tmp_path / "m.pkl").exists()


def test_a_file_is_no_folder(text_file: Path, tmp_path: Path) -> None:
    run = small_run(text_file, tmp_path / "m.pkl", tensorboard=text_file)
    with pytest.raises(ConfigError, match="is no folder: choose another --tensorboard"):
        next(iter(train(run)))
    list(train(replace(run, tensorboard=None)))
    with pytest.raises(ConfigError, match="is no folder: choose another --tensorboard"):
        next(iter(resume(run.out, {"tensorboard": text_file})))


def test_a_folder_that_cannot_be_written_is_told_before_an_earlier_run_is_moved(
    text_file: Path, tmp_path: Path
) -> None:
    run = small_run(text_file, tmp_path / "m.pkl", steps=2)
    list(train(run))
    nowhere = text_file / "tb"
    with pytest.raises(ConfigError, match=r"cannot be written \(Not a directory\): choose another"):
        next(iter(train(replace(run, tensorboard=nowhere))))
    assert (tmp_path / "m.pkl").exists()
    assert not (tmp_path / "m.previous.pkl").exists()
    check_tensorboard(tmp_path / "new" / "tb")
    assert not (tmp_path / "new").exists()


def test_without_the_library_nothing_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("tensorboardX")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    monkeypatch.setattr("rnnlm_cli.runs.run.load_corpus", lambda *_, **__: pytest.fail("read"))
    run = RunRequest.of(out=tmp_path / "m.pkl", tensorboard=tmp_path / "tb")
    with pytest.raises(MissingExtra, match=r"tensorboardX, .* rnnlm-cli\[tensorboard\]"):
        next(iter(train(run)))
    assert not list(tmp_path.iterdir())
