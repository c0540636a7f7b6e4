"""Where the files of a run lie, which names it can have, and leftovers of killed runs."""

from pathlib import Path

import pytest

from rnnlm_cli import atomic
from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.errors import CheckpointError, ConfigError
from rnnlm_cli.runs import RunFinished, resume, state_path
from rnnlm_cli.runs.run_files import check_name, prepare_folder
from rnnlm_cli.runs.tensorboard_folder import check_tensorboard
from tests.pickling.faults import FullDisk
from tests.runs.contents import record_of
from tests.small_runs import small_run, train


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "m.pkl"


def write(folder: Path, names: list[str], content: str) -> None:
    for name in names:
        (folder / name).write_text(content)


def test_a_run_goes_where_a_link_points_and_leaves_the_link(
    text_file: Path, tmp_path: Path
) -> None:
    real, link = tmp_path / "far" / "real.pkl", tmp_path / "m.pkl"
    real.parent.mkdir()
    link.symlink_to("far/real.pkl")
    for seed in (0, 1):
        list(train(small_run(text_file, link, seed=seed)))
    assert link.is_symlink()
    assert record_of(link).train.seed == 1
    assert (tmp_path / "far" / "real.previous.pkl").exists()
    assert state_path(link) == state_path(real)
    assert isinstance(list(resume(link, {"epochs": 3}))[-1], RunFinished)


@pytest.mark.parametrize("again", ["train", "resume"])
def test_leftovers_of_killed_writers_are_removed_at_the_next_start(
    again: str, text_file: Path, out: Path
) -> None:
    list(train(small_run(text_file, out)))
    moved = {".m.pkl.lock", ".m.previous.pkl.lock", ".m.previous.pkl.moved"}
    own = [f".{name}.0123456789abcdef.rnnlm-tmp" for name in ("m.pkl", "m.last.pkl")]
    foreign = [".o.pkl.0123456789abcdef.rnnlm-tmp", ".m.pkl.tmp"]
    write(out.parent, [*own, *foreign], "")
    next(train(small_run(text_file, out)) if again == "train" else resume(out, {}))
    hidden = {path.name for path in out.parent.iterdir() if path.name.startswith(".")}
    assert hidden - moved == set(foreign)


def test_a_folder_is_tested_by_the_bytes_that_will_be_written(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atomic, "os", disk := FullDisk(out.parent, 3_000_001))
    prepare_folder(out, [2_000_000, 1_000_001])
    assert disk.most == 3_000_001
    with pytest.raises(CheckpointError, match="3,000,002 bytes could not be written: No space"):
        prepare_folder(out, [2_000_000, 1_000_002])
    assert list(out.parent.iterdir()) == []


def test_a_name_in_use_by_a_folder_is_refused(out: Path) -> None:
    out.mkdir()
    with pytest.raises(CheckpointError, match="is a folder"):
        prepare_folder(out, [1])


def test_the_name_of_a_state_is_refused_with_that_of_its_model(tmp_path: Path) -> None:
    state = tmp_path / "m.last.pkl"
    for events in (train(small_run(tmp_path, state)), resume(state, {})):
        with pytest.raises(ConfigError, match=r"not of a model: give --out .*m\.pkl"):
            next(events)
    assert list(tmp_path.glob("*.pkl")) == []


@pytest.mark.parametrize(
    ("name", "proposed"),
    [
        ("m.last", "m"),
        ("m.last.older", "m"),
        ("m.last.damaged", "m"),
        ("m.Last.Damaged-2", "m"),
        ("m.previous", "m-previous"),
        ("m.PREVIOUS-3", "m-PREVIOUS-3"),
        ("m.unfinished", "m-unfinished"),
        ("m.previous.unfinished", "m-previous-unfinished"),
        ("m.previous.last", "m-previous"),
        ("m.unfinished-2.last.older", "m-unfinished-2"),
        (".last", "model"),
        (".previous", "previous"),
    ],
)
def test_a_name_that_a_run_makes_is_refused_with_one_that_is_none(
    name: str, proposed: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=rf"give --out '{tmp_path}/{proposed}\.pkl'"):
        check_name(tmp_path / f"{name}.pkl", anew=True)
    check_name(tmp_path / f"{proposed}.pkl", anew=True)


@pytest.mark.parametrize("name", ["m.older", "last", "m.lasting", "m.previous.v2", "m-previous"])
def test_a_name_that_no_run_makes_is_free(name: str, tmp_path: Path) -> None:
    check_name(tmp_path / f"{name}.pkl", anew=True)


def test_a_link_to_a_name_that_a_run_makes_is_refused(text_file: Path, out: Path) -> None:
    out.symlink_to("far.previous.pkl")
    with pytest.raises(ConfigError, match=r"far\.previous\.pkl' is a name for an earlier run"):
        next(train(small_run(text_file, out)))


def test_an_earlier_run_goes_on_where_it_was_moved(text_file: Path, out: Path) -> None:
    for _ in range(2):
        list(train(small_run(text_file, out, epochs=1)))
    kept = out.with_name("m.previous.pkl")
    assert isinstance(list(resume(kept, {"epochs": 2}))[-1], RunFinished)
    assert len(load_checkpoint(kept).history) == 2
    with pytest.raises(ConfigError, match=r"m\.previous\.pkl' is a name for an earlier run"):
        next(train(small_run(text_file, kept)))


def test_a_run_that_has_the_name_of_a_state_already_goes_on(text_file: Path, out: Path) -> None:
    list(train(small_run(text_file, out, epochs=1)))
    named = out.with_name("x.last.older.pkl")
    state_path(out).rename(state_path(named))
    out.rename(named)
    assert isinstance(list(resume(named, {"epochs": 2}))[-1], RunFinished)


def test_a_resume_of_a_state_is_told_the_name_of_its_model(out: Path) -> None:
    for name in ("m.previous.last.pkl", "m.previous.last.older.pkl"):
        with pytest.raises(ConfigError, match=r"give --out .*m\.previous\.pkl"):
            next(resume(out.with_name(name), {}))


def test_a_name_that_no_file_can_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be written \(File name too long\): choose"):
        check_name(tmp_path / (300 * "a" + ".pkl"), anew=True)
    with pytest.raises(ConfigError, match=r"cannot be written \(File name too long\): choose"):
        check_tensorboard(tmp_path / "new" / (300 * "a"))
