import errno
import os
import resource
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from rnnlm_cli.atomic import (
    check_writable,
    remove_orphans,
    replacing,
    whole_text,
    write_atomically,
)
from rnnlm_cli.errors import CheckpointError, CorpusError

OLD = b"old"
NEW: list[bytes | memoryview] = [b"new", memoryview(b" content")]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An old file, alone in its folder."""
    (tmp_path / "a.pkl").write_bytes(OLD)
    return tmp_path / "a.pkl"


def assert_old_and_alone(path: Path) -> None:
    assert path.read_bytes() == OLD
    assert list(path.parent.iterdir()) == [path]


def full_disk(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_the_new_content_replaces_the_old(path: Path) -> None:
    write_atomically(path, NEW, 11)
    assert path.read_bytes() == b"new content"
    assert list(path.parent.iterdir()) == [path]


def test_a_relative_path_is_written(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    write_atomically("b.pkl", NEW, 11)
    assert (path.parent / "b.pkl").read_bytes() == b"new content"


@pytest.mark.parametrize("function", ["fsync", "replace", "open", "chmod"])
def test_a_failure_leaves_the_old_file_alone(
    function: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.chmod(0o640)
    monkeypatch.setattr(os, function, full_disk)
    with pytest.raises(CheckpointError, match="No space left"):
        write_atomically(path, NEW, 11)
    assert_old_and_alone(path)


def test_the_message_names_the_path_and_the_bytes(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "replace", full_disk)
    with pytest.raises(CheckpointError, match=r"/a\.pkl: 1,234,567 bytes could not be written: No"):
        write_atomically(path, NEW, 1234567)


def test_a_real_limit_of_the_system_leaves_the_old_file_alone(path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    try:
        with pytest.raises(CheckpointError, match=r"2,000,000 bytes .* File too large"):
            write_atomically(path, [bytes(2_000_000)], 2_000_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert_old_and_alone(path)


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_interruption_passes_through_and_leaves_the_old_file_alone(
    error: type[BaseException], path: Path
) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"half"
        raise error

    with pytest.raises(error):
        write_atomically(path, chunks(), 11)
    assert_old_and_alone(path)


def test_the_content_reaches_the_disk_before_the_name_and_the_name_before_the_end(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def spy(name: str, function: Callable[..., None]) -> Callable[..., None]:
        def called(*arguments: int) -> None:
            is_folder = name == "fsync" and stat.S_ISDIR(os.fstat(arguments[0]).st_mode)
            calls.append("fsync of the folder" if is_folder else name)
            function(*arguments)

        return called

    monkeypatch.setattr(os, "fsync", spy("fsync", os.fsync))
    monkeypatch.setattr(os, "replace", spy("replace", os.replace))
    write_atomically(path, NEW, 11)
    assert calls == ["fsync", "replace", "fsync of the folder"]


@pytest.mark.parametrize(("number", "fails"), [(errno.EINVAL, False), (errno.EIO, True)])
def test_a_folder_that_cannot_be_synced_is_no_failure_but_a_broken_disk_is(
    number: int, fails: bool, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fsync(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fsync)
    if fails:
        with pytest.raises(CheckpointError, match="Input/output error"):
            write_atomically(path, NEW, 11)
    else:
        write_atomically(path, NEW, 11)
    assert path.read_bytes() == b"new content"


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444, 0o666])
def test_an_old_file_keeps_its_mode(mode: int, path: Path) -> None:
    path.chmod(mode)
    write_atomically(path, NEW, 11)
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_new_file_gets_the_mode_of_the_umask(path: Path) -> None:
    before = os.umask(0o026)
    try:
        write_atomically(path.with_name("b.pkl"), NEW, 11)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.with_name("b.pkl").stat().st_mode) == 0o640


def test_a_symbolic_link_stays_and_its_target_is_replaced(path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    link = folder / "link.pkl"
    link.symlink_to("../a.pkl")
    write_atomically(link, NEW, 11)
    assert link.is_symlink()
    assert path.read_bytes() == b"new content"
    assert not path.is_symlink()


def test_a_link_to_nothing_yet_makes_its_target(path: Path) -> None:
    link = path.with_name("link.pkl")
    link.symlink_to("b.pkl")
    write_atomically(link, NEW, 11)
    assert link.is_symlink()
    assert path.with_name("b.pkl").read_bytes() == b"new content"


def test_what_is_no_file_is_not_replaced(path: Path) -> None:
    os.mkfifo(path.with_name("fifo"))
    path.with_name("loop").symlink_to("loop")
    for other in (path.with_name("fifo"), path.with_name("loop"), path.parent):
        with pytest.raises(CheckpointError, match="11 bytes could not be written"):
            write_atomically(other, NEW, 11)
    assert path.with_name("fifo").is_fifo()
    assert path.with_name("loop").is_symlink()


def test_a_missing_folder_is_named(path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"none/a\.pkl: 11 bytes .* No such file"):
        write_atomically(path.parent / "none" / "a.pkl", NEW, 11)


def test_orphans_of_this_file_are_removed_and_no_others(path: Path) -> None:
    orphan = path.with_name(".a.pkl.0123456789abcdef.rnnlm-tmp")
    others = [".b.pkl.0123456789abcdef.rnnlm-tmp", ".a.pkl.0123456789abcdeg.rnnlm-tmp", "a.pkl.tmp"]
    for name in (orphan.name, *others):
        path.with_name(name).touch()
    assert remove_orphans(path) == [orphan]
    assert sorted(entry.name for entry in path.parent.iterdir()) == sorted([*others, "a.pkl"])


def test_no_folder_has_no_orphans(tmp_path: Path) -> None:
    assert remove_orphans(tmp_path / "none" / "a.pkl") == []


@pytest.mark.parametrize("number", [errno.EOPNOTSUPP, errno.EINVAL, None])
def test_room_is_tested_by_writing_where_it_cannot_be_set_aside(
    number: int | None, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    write = os.write

    def count(descriptor: int, data: memoryview) -> int:
        written.append(len(data))
        return write(descriptor, data)

    def refuse(*_: object) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr(os, "write", count)
    if number is None:
        monkeypatch.delattr(os, "posix_fallocate")
    else:
        monkeypatch.setattr(os, "posix_fallocate", refuse)
    check_writable(path, [3_000_001, 7])
    assert sum(written) == 3_000_008
    assert_old_and_alone(path)


def test_room_that_is_not_there_is_an_error_that_leaves_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "posix_fallocate", full_disk, raising=False)
    with pytest.raises(CheckpointError, match="8 bytes could not be written: No space left"):
        check_writable(path, [1, 7])
    assert_old_and_alone(path)


def test_more_than_a_disk_has_is_refused_before_the_disk_is_filled(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Room for 600 GB, asked for from a disk of 250, took all of it from the other programs."""
    asked: list[object] = []
    monkeypatch.setattr(os, "posix_fallocate", lambda *given: asked.append(given), raising=False)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=8))
    check_writable(path, [1, 7])
    assert len(asked) == 2
    with pytest.raises(CheckpointError, match="9 bytes could not be written: No space left"):
        check_writable(path, [1, 8])
    assert len(asked) == 2
    assert_old_and_alone(path)


def test_a_text_that_is_written_keeps_the_mode_and_replaces_files_alone(path: Path) -> None:
    path.chmod(0o440)
    with whole_text(path) as file:
        file.write("new \udcff\n")
    assert path.read_bytes() == b"new \\udcff\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o440
    os.mkfifo(fifo := path.with_name("fifo"))
    with pytest.raises(CorpusError, match="fifo cannot be written"), whole_text(fifo):
        pass
    assert fifo.is_fifo()


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "make room, or choose another place"),
        (errno.EFBIG, "make room, or choose another place"),
        (errno.ENOENT, "make its folder, or choose another place"),
        (errno.EACCES, "choose another place"),
        (None, "choose another place"),
    ],
)
def test_what_is_advised_is_what_helps(
    number: int | None, advice: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, "refused") if number else OSError("refused")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(CheckpointError, match=f"refused: {advice}$"):
        write_atomically(path, NEW, 8)
    with pytest.raises(CorpusError, match=rf"\(refused\): {advice}$"), whole_text(path):
        pass


def test_a_block_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    (target := tmp_path / "a.txt").write_text("old")

    def interrupted() -> None:
        with replacing(target) as part:
            part.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert (target.read_text(), list(tmp_path.iterdir())) == ("old", [target])
    with replacing(target) as part:
        part.write_text("new")
        assert target.read_text() == "old"
    assert (target.read_text(), list(tmp_path.iterdir())) == ("new", [target])
