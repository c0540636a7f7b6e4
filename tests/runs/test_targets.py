"""No run writes over a file of another kind, nor over one that it reads: every pair of options."""

import os
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.checkpoint.naming import lock_path
from rnnlm_cli.corpus.reading.places import Place
from rnnlm_cli.errors import ConfigError, RnnlmError
from rnnlm_cli.runs import RunFinished, RunStarted, resume, state_path
from rnnlm_cli.runs.around import Around
from rnnlm_cli.runs.run_files import run_files
from rnnlm_cli.runs.targets import check_log_target, check_out, check_tensorboard_target
from tests.models import rnnlm
from tests.small_runs import simple_text, small_run, train

LINE = b'{"event": "steps", "run": "0f3a", "step": 20}\n'
Make = Callable[[Path, Path], object]  # a file like another one


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "m.pkl"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model of a run."""
    folder = tmp_path_factory.mktemp("model")
    (text := folder / "simple.txt").write_text(simple_text())
    list(train(small_run(text, folder / "m.pkl", epochs=1)))
    return folder / "m.pkl"


def everything(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def hard_link(path: Path, target: Path) -> None:
    os.link(target, path)


def same_name(path: Path, target: Path) -> None:
    target.rename(path)


@pytest.mark.parametrize("make", [same_name, Path.symlink_to, hard_link])
@pytest.mark.parametrize(
    "content", [simple_text().encode(), LINE, b"\x80\x04}.", b"\0"], ids=["text", "log", "p", "0"]
)
@pytest.mark.parametrize("name", ["m.pkl", "m.last.pkl", "m.last.older.pkl"])
def test_no_run_moves_aside_what_is_no_checkpoint(
    name: str, content: bytes, make: Make, text_file: Path, out: Path
) -> None:
    (out.parent / "precious.pkl").write_bytes(content)
    make(out.with_name(name), out.parent / "precious.pkl")
    before = everything(out.parent)
    with pytest.raises(ConfigError, match=r"is no file of rnnlm .* choose another --out"):
        next(train(small_run(text_file, out)))
    assert everything(out.parent) == before


def test_what_a_run_would_move_aside_is_named_once_and_in_safe_letters(out: Path) -> None:
    (path := out.with_name("a\x1b[2J.pkl")).write_text("a text")
    with pytest.raises(
        ConfigError, match=r"^'[^']*a\\x1b\[2J\.pkl' is no file of rnnlm \(found "
    ) as error:
        check_out(path, None)
    assert str(error.value).count("2J") == 1


def test_models_of_ours_of_the_book_and_damaged_ones_are_moved_aside(
    model: Path, out: Path
) -> None:
    (book := out.with_name("book.pkl")).write_bytes(
        pickle.dumps([array.astype(np.float16) for array in rnnlm(7, 4, 5).params], protocol=3)
    )
    (damaged := out.with_name("damaged.pkl")).write_bytes(model.read_bytes()[:-100])
    (empty := out.with_name("empty.pkl")).touch()
    for path in (model, book, damaged, empty):
        check_out(path, None)


@pytest.mark.parametrize("name", ["m.pkl", "m.previous.pkl", "m.last.pkl", "m.unfinished-2.pkl"])
def test_a_run_does_not_move_aside_the_model_that_it_begins_with(
    name: str, model: Path, text_file: Path, out: Path
) -> None:
    start, link = out.with_name(name), out.with_name("link")
    start.write_bytes(model.read_bytes())
    link.symlink_to(name)
    for path in (start, link):
        with pytest.raises(
            ConfigError, match="which --init-from begins with, is a file that a run"
        ):
            next(train(small_run(text_file, out, init_from=path)))
    check_out(out.with_name("other.pkl"), start)


@pytest.mark.parametrize("make", [same_name, Path.symlink_to, hard_link])
@pytest.mark.parametrize(
    "content",
    [simple_text().encode(), b'{"event": 1}\n', b"[]\n", b"[" * 9999 + b"\n", b"\0"],
    ids=["text", "event", "list", "deep", "0"],
)
def test_a_log_is_written_over_nothing_but_a_log(
    content: bytes, make: Make, text_file: Path, out: Path
) -> None:
    log, precious = out.with_name("log"), out.with_name("precious")
    precious.write_bytes(content)
    make(log, precious)
    before = everything(out.parent)
    with pytest.raises(ConfigError, match=r"log' is no log .* choose another --log"):
        next(train(small_run(text_file, out, log=log)))
    assert everything(out.parent) == before


def test_a_log_is_not_written_over_a_model(model: Path, text_file: Path, out: Path) -> None:
    log = out.with_name("log")
    log.write_bytes(model.read_bytes())
    with pytest.raises(ConfigError, match="is no log"):
        next(train(small_run(text_file, out, log=log)))
    assert log.read_bytes() == model.read_bytes()


def test_a_log_is_not_written_over_the_text(out: Path) -> None:
    log = out.with_name("log")
    log.write_bytes(LINE * 99)  # that it could be a log does not help
    (folder := out.with_name("folder")).mkdir()
    for split in ("train", "valid", "test"):
        folder.joinpath(f"{split}.txt").write_bytes(LINE)
    link = out.with_name("link")
    link.symlink_to("folder/valid.txt")
    for path, corpus in ((log, log), (folder / "test.txt", folder), (link, folder)):
        with pytest.raises(ConfigError, match="is the text to train on, and would be written over"):
            check_log_target(path, Place.of(str(corpus)))
    check_log_target(log, Place.of(str(folder)))
    check_log_target(log, Place.of("pydoc"))


def test_a_log_has_no_name_of_a_runs_files_whether_they_are_there_or_not(
    text_file: Path, out: Path
) -> None:
    link = out.with_name("link")
    link.symlink_to("m.pkl")
    kept = out.with_name("m.previous.pkl")
    for path in (*run_files(out), *run_files(kept), lock_path(out), link, out.with_name("O.PKL")):
        with pytest.raises(ConfigError, match=r"is a name for the files of a run: choose another"):
            next(train(small_run(text_file, out, log=path)))
    assert {path.name for path in out.parent.iterdir()} == {"link", "simple.txt"}


@pytest.mark.parametrize(
    "content", [b"", LINE, LINE + b"a line of the user\n", LINE[:5], LINE[:-9]]
)
def test_a_log_of_ours_begins_anew_whole_or_not(content: bytes, text_file: Path, out: Path) -> None:
    log = out.with_name("log")
    log.write_bytes(content)
    assert isinstance(next(train(small_run(text_file, out, log=log))), RunStarted)
    assert log.read_bytes() == b""


def test_a_resumed_run_writes_its_log_over_nothing_but_a_log(text_file: Path, out: Path) -> None:
    list(train(small_run(text_file, out), Around(stop=lambda: True)))
    (notes := out.with_name("notes")).write_text("mine\n")
    before = everything(out.parent)
    for log in (text_file, notes, out, state_path(out)):
        with pytest.raises(ConfigError, match="choose another --log"):
            next(resume(out, {"log": log}))
    assert everything(out.parent) == before
    notes.write_bytes(LINE)
    assert isinstance(list(resume(out, {"log": notes}))[-1], RunFinished)
    assert notes.read_bytes().startswith(LINE)


def test_a_pipe_is_not_read_to_find_out_whether_it_is_a_log_or_a_model(out: Path) -> None:
    os.mkfifo(pipe := out.with_name("pipe"))
    check_log_target(pipe, Place.of("pydoc"))
    os.mkfifo(out)
    with pytest.raises(RnnlmError):
        next(train(small_run(out.with_name("no text"), out)))


@pytest.mark.parametrize(
    "name", ["m.pkl", "m.last.pkl", "m.last.older.pkl", "log", "m.pkl/events", "link", "x/../log"]
)
def test_no_folder_for_tensorboard_stands_in_the_place_of_a_file(name: str, out: Path) -> None:
    (out.with_name("link")).symlink_to("m.pkl")
    with pytest.raises(ConfigError, match=r"the run writes a file at .*choose another --tensor"):
        check_tensorboard_target(out.parent / name, out, out.with_name("log"))
    check_tensorboard_target(out.with_name("events"), out, None)
    check_tensorboard_target(out.parent, out, out.with_name("log"))


def test_a_refused_folder_leaves_an_earlier_run_as_it_is(
    model: Path, text_file: Path, out: Path
) -> None:
    pytest.importorskip("tensorboardX")
    out.write_bytes(model.read_bytes())
    before, log = everything(out.parent), out.with_name("log")
    with pytest.raises(ConfigError, match="is to be a folder, but"):
        next(train(small_run(text_file, out, log=log, tensorboard=log)))
    assert everything(out.parent) == before
    stopped = out.with_name("stopped.pkl")
    list(train(small_run(text_file, stopped), Around(stop=lambda: True)))
    with pytest.raises(ConfigError, match="is to be a folder, but"):
        next(resume(stopped, {"log": log, "tensorboard": log}))
    assert not log.exists()
