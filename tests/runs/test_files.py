"""An earlier run's files on their way out, and leftovers of killed ones."""

from pathlib import Path

import pytest

from rnnlm_cli.checkpoint import load_checkpoint
from rnnlm_cli.errors import CheckpointError, ConfigError
from rnnlm_cli.pickling import atomic
from rnnlm_cli.runs import RunFinished, resume, state_path, train
from rnnlm_cli.runs.files import make_room, older_path, prepare_folder
from tests.conftest import small_run
from tests.pickling.faults import FullDisk

NAMES = ["m.last.older.pkl", "m.last.pkl", "m.pkl"]
KEPT = ["m.previous.last.older.pkl", "m.previous.last.pkl", "m.previous.pkl"]


class Cut(Exception):
    """Stands for a kill."""


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "m.pkl"


def write(folder: Path, names: list[str], content: str) -> None:
    for name in names:
        (folder / name).write_text(content)


def test_model_and_both_states_of_an_earlier_run_move_together(out: Path) -> None:
    write(out.parent, KEPT, "old")
    write(out.parent, NAMES, "new")
    notes = make_room(out)
    assert [note.rsplit("/", 1)[1] for note in notes] == KEPT[1:]
    assert [(out.parent / name).read_text() for name in KEPT] == ["new"] * 3
    assert not out.exists()


@pytest.mark.parametrize("calls", range(6))
def test_a_move_that_is_cut_short_is_taken_up_by_the_next_run(
    calls: int, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(out.parent, KEPT, "old")
    write(out.parent, NAMES, "new")
    left = iter(range(calls))

    def counted(name: str) -> None:
        function = getattr(Path, name)

        def call(*arguments: object, **options: object) -> object:
            if next(left, None) is None:
                raise Cut
            return function(*arguments, **options)

        monkeypatch.setattr(Path, name, call)

    counted("replace")
    counted("unlink")
    with pytest.raises(Cut):
        make_room(out)
    monkeypatch.undo()
    make_room(out)
    assert [(out.parent / name).read_text() for name in KEPT] == ["new"] * 3


def test_states_without_a_model_become_unfinished(out: Path) -> None:
    write(out.parent, KEPT, "old")
    write(out.parent, NAMES[:2], "new")
    make_room(out)
    assert older_path(out.with_name("m.unfinished.pkl")).read_text() == "new"
    assert state_path(out.with_name("m.unfinished.pkl")).read_text() == "new"
    assert [(out.parent / name).read_text() for name in KEPT] == ["old"] * 3


def test_nothing_to_move_leaves_an_unfinished_run_where_it_is(out: Path) -> None:
    write(out.parent, ["m.unfinished.last.pkl"], "old")
    assert make_room(out) == []
    assert state_path(out.with_name("m.unfinished.pkl")).exists()


def test_a_run_goes_where_a_link_points_and_leaves_the_link(
    text_file: Path, tmp_path: Path
) -> None:
    real, link = tmp_path / "far" / "real.pkl", tmp_path / "m.pkl"
    real.parent.mkdir()
    link.symlink_to("far/real.pkl")
    for seed in (0, 1):
        list(train(small_run(text_file, link, seed=seed)))
    assert link.is_symlink()
    assert load_checkpoint(link).run["train"]["seed"] == 1
    assert (tmp_path / "far" / "real.previous.pkl").exists()
    assert state_path(link) == state_path(real)
    assert isinstance(list(resume(link, {"epochs": 3}))[-1], RunFinished)


@pytest.mark.parametrize("again", ["train", "resume"])
def test_leftovers_of_killed_writers_are_removed_at_the_next_start(
    again: str, text_file: Path, out: Path
) -> None:
    list(train(small_run(text_file, out)))
    own = [f".{name}.0123456789abcdef.rnnlm-tmp" for name in ("m.pkl", "m.last.pkl")]
    foreign = [".o.pkl.0123456789abcdef.rnnlm-tmp", ".m.pkl.tmp"]
    write(out.parent, [*own, *foreign], "")
    next(train(small_run(text_file, out)) if again == "train" else resume(out, {}))
    hidden = {path.name for path in out.parent.iterdir() if path.name.startswith(".")}
    assert hidden - {".m.pkl.lock", ".m.previous.pkl.lock"} == set(foreign)


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
