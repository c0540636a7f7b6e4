"""An earlier run's files on their way out, and files that only look like one's."""

import json
import os
import shutil
from pathlib import Path

import pytest

from rnnlm_cli.runs import resume, state_path
from rnnlm_cli.runs.around import Around
from rnnlm_cli.runs.earlier import make_room
from rnnlm_cli.runs.run_files import run_files
from tests.runs.contents import record_of
from tests.small_runs import small_run, train

NAMES = ["m.last.older.pkl", "m.last.pkl", "m.pkl"]
KEPT = ["m.previous.last.older.pkl", "m.previous.last.pkl", "m.previous.pkl"]


class Cut(Exception):
    """Stands for a kill."""


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "m.pkl"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, text: Path) -> list[Path]:
    """The files of a run, to be put where one is needed."""
    out = tmp_path_factory.mktemp("whole") / "m.pkl"
    list(train(small_run(text, out)))
    return run_files(out)


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.small_runs import simple_text

    path = tmp_path_factory.mktemp("text") / "simple.txt"
    path.write_text(simple_text())
    return path


def put(whole: list[Path], out: Path, when: int = 1) -> list[bytes]:
    """A run at `out`, last changed at another time than others."""
    for path, target in zip(whole, run_files(out), strict=True):
        shutil.copy(path, target)
        os.utime(target, (when, when))
    return contents(run_files(out))


def contents(paths: list[Path]) -> list[bytes]:
    return [path.read_bytes() for path in paths]


def ages(out: Path) -> list[float]:
    return [path.stat().st_mtime for path in run_files(out)]


def test_model_and_both_states_of_an_earlier_run_move_together(
    whole: list[Path], out: Path
) -> None:
    for when in (1, 2):
        put(whole, out, when)
        notes = make_room(out)
        assert [note.rsplit("/", 1)[1] for note in notes] == KEPT[1:]
        assert ages(out.with_name("m.previous.pkl")) == [when] * 3
        assert not out.exists()


@pytest.mark.parametrize("calls", range(6))
def test_a_move_that_is_cut_short_is_taken_up_by_the_next_run(
    calls: int, whole: list[Path], out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(whole, out, 1)
    make_room(out)
    put(whole, out, 2)
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
    assert ages(out.with_name("m.previous.pkl")) == [2] * 3
    assert not list(out.parent.glob("*-2*"))


def test_states_without_a_model_become_unfinished(text: Path, out: Path) -> None:
    list(train(small_run(text, out), Around(stop=lambda: True)))
    state = state_path(out).read_bytes()
    kept = out.with_name("m.unfinished.pkl")
    assert make_room(out) == [f"an earlier run's {state_path(out)} is now {state_path(kept)}"]
    assert state_path(kept).read_bytes() == state


def test_nothing_to_move_leaves_an_unfinished_run_where_it_is(out: Path) -> None:
    state = state_path(out.with_name("m.unfinished.pkl"))
    state.write_text("old")
    assert make_room(out) == []
    assert state.exists()


@pytest.mark.parametrize("index", range(3))
def test_a_file_with_the_name_of_an_earlier_run_stays(
    index: int, whole: list[Path], out: Path
) -> None:
    theirs = out.parent / KEPT[index]
    shutil.copy(whole[index], theirs)
    for when in (1, 2):
        put(whole, out, when)
        make_room(out)
    assert theirs.read_bytes() == whole[index].read_bytes()
    assert ages(out.with_name("m.previous-2.pkl")) == [2] * 3
    assert not list(out.parent.glob("*-3*"))


@pytest.mark.parametrize("index", range(3))
def test_an_earlier_run_of_which_a_file_has_changed_since_stays(
    index: int, whole: list[Path], out: Path
) -> None:
    put(whole, out)
    make_room(out)
    os.utime(out.parent / KEPT[index], (9, 9))
    put(whole, out, 2)
    make_room(out)
    assert ages(out.with_name("m.previous.pkl"))[index] == 9
    assert ages(out.with_name("m.previous-2.pkl")) == [2] * 3


def test_an_earlier_run_that_went_on_stays(text: Path, out: Path) -> None:
    for seed in (0, 1):
        list(train(small_run(text, out, seed=seed, epochs=1, keep="last")))
    kept = out.with_name("m.previous.pkl")
    list(resume(kept, {"epochs": 2}))
    list(train(small_run(text, out, seed=2, epochs=1)))
    assert record_of(kept).train.epochs == 2
    assert record_of(out.with_name("m.previous-2.pkl")).train.seed == 1


@pytest.mark.parametrize("beside", ["nothing", "a state of another run", "a damaged state"])
def test_a_model_that_was_put_there_by_hand_is_never_removed(
    beside: str, whole: list[Path], text: Path, out: Path
) -> None:
    if beside == "a state of another run":
        list(train(small_run(text, out, seed=1), Around(stop=lambda: True)))
    elif beside == "a damaged state":
        state_path(out).write_bytes(whole[1].read_bytes()[:-9])
    shutil.copy(whole[2], out)
    make_room(out)
    for when in (1, 2):
        put(whole, out, when)
        make_room(out)
    assert out.with_name("m.previous.pkl").read_bytes() == whole[2].read_bytes()
    assert ages(out.with_name("m.previous-2.pkl")) == [2] * 3


def test_states_of_later_epochs_without_their_model_are_never_removed(
    whole: list[Path], out: Path
) -> None:
    for name in ("m.unfinished", "m.unfinished-2"):
        put(whole, out)
        out.unlink()
        make_room(out)
        assert state_path(out.with_name(f"{name}.pkl")).exists()


def test_an_empty_file_is_no_model_and_pushes_out_none(whole: list[Path], out: Path) -> None:
    put(whole, out)
    make_room(out)
    out.touch()
    assert make_room(out) == []
    assert ages(out.with_name("m.previous.pkl")) == [1] * 3


def test_a_link_with_the_name_of_an_earlier_run_stays(whole: list[Path], out: Path) -> None:
    link = out.with_name("m.previous.pkl")
    link.symlink_to("nowhere/far.pkl")
    put(whole, out)
    make_room(out)
    assert link.is_symlink()
    assert not out.with_name("nowhere").exists()
    assert out.with_name("m.previous-2.pkl").exists()


@pytest.mark.parametrize(
    "record", ["", "[]", "[" * 200_000, '{"files": 1, "ours": true}', '{"ours": true}']
)
def test_an_earlier_run_without_a_whole_record_stays(
    record: str, whole: list[Path], out: Path
) -> None:
    put(whole, out)
    make_room(out)
    out.with_name(".m.previous.pkl.moved").write_text(record)
    put(whole, out, 2)
    make_room(out)
    assert ages(out.with_name("m.previous.pkl")) == [1] * 3


def test_two_runs_over_a_model_with_a_name_of_ours_lose_none(text: Path, out: Path) -> None:
    first = out.with_name("m.previous.pkl")
    list(train(small_run(text, out, epochs=1)))
    out.rename(first)
    model = first.read_bytes()
    for seed in (1, 2, 3):
        list(train(small_run(text, out, seed=seed, epochs=1)))
    assert first.read_bytes() == model
    record = json.loads(out.with_name(".m.previous-2.pkl.moved").read_bytes())
    assert record["ours"] is True
