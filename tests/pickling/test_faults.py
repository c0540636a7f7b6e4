"""Every call to the system that a save makes fails once, or is the last one of the process."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rnnlm_cli import atomic
from rnnlm_cli.atomic import remove_orphans, write_atomically
from rnnlm_cli.errors import CheckpointError
from tests.pickling.faults import System

ROOT = Path(__file__).parents[2]
NEW: list[bytes | memoryview] = [b"new", memoryview(b" content")]
NUMBERS = [errno.ENOSPC, errno.EIO, errno.EROFS, errno.EDQUOT]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An old file, and the one before it under the name of the backup."""
    (tmp_path / "a.pkl").write_bytes(b"old")
    (tmp_path / "a.pkl").chmod(0o640)
    (tmp_path / "older").write_bytes(b"older")
    return tmp_path / "a.pkl"


def save(path: Path, system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(atomic, "os", system)
        write_atomically(path, NEW, 11, backup="older")


def points(path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The calls of a save that nothing disturbs."""
    save(path, system := System(), monkeypatch)
    path.write_bytes(b"old")
    path.with_name("older").write_bytes(b"older")
    return system.calls


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("number", NUMBERS)
def test_a_call_that_fails_leaves_a_whole_file_and_no_other(
    number: int, after: bool, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OSError(number, os.strerror(number))

    for at, name in enumerate(points(path, monkeypatch)):
        path.write_bytes(b"old")
        if name == "unlink":  # of the link that is gone already: its failure is none
            save(path, System(at, fail, after=after), monkeypatch)
        else:
            with pytest.raises(CheckpointError, match=r"a\.pkl: 11 bytes could not be written"):
                save(path, System(at, fail, after=after), monkeypatch)
        assert path.read_bytes() in (b"old", b"new content"), name
        assert path.with_name("older").read_bytes() in (b"older", b"old"), name
        assert sorted(os.listdir(path.parent)) == ["a.pkl", "older"], name


def test_a_backup_is_the_file_that_was_replaced(path: Path) -> None:
    write_atomically(path, NEW, 11, backup="older")
    assert path.with_name("older").read_bytes() == b"old"
    path.unlink()
    write_atomically(path, [b"third"], 5, backup="older")
    assert path.with_name("older").read_bytes() == b"old"  # there was nothing to keep


def test_a_backup_that_is_the_same_file_leaves_no_link_behind(path: Path) -> None:
    path.with_name("older").unlink()
    os.link(path, path.with_name("older"))  # killed between the link and the new name
    write_atomically(path, NEW, 11, backup="older")
    assert sorted(os.listdir(path.parent)) == ["a.pkl", "older"]
    assert path.with_name("older").read_bytes() == b"old"


@pytest.mark.parametrize("number", [errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK])
def test_without_links_the_old_file_becomes_the_backup(
    number: int, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "link", refuse)
    write_atomically(path, NEW, 11, backup="older")
    assert path.read_bytes() == b"new content"
    assert path.with_name("older").read_bytes() == b"old"
    assert sorted(os.listdir(path.parent)) == ["a.pkl", "older"]


def test_a_system_that_takes_a_part_of_a_write_gets_the_rest(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:2]))
    write_atomically(path, NEW, 11)
    assert path.read_bytes() == b"new content"


DEATHS = """
import errno, json, os, sys
from pathlib import Path
from rnnlm_cli import atomic
from tests.pickling.faults import System, die

path, links = Path(sys.argv[1]), sys.argv[2] == "links"

def refuse(*_):
    raise OSError(errno.EPERM, "no links here")

if not links:
    os.link = refuse

def save_until(at, after):
    for name in os.listdir(path.parent):
        path.with_name(name).unlink()
    path.write_bytes(b"old")
    path.chmod(0o640)
    path.with_name("older").write_bytes(b"older")
    if not (child := os.fork()):
        atomic.os = System(at, die, after=after)
        atomic.write_atomically(path, [b"new", b" content"], 11, backup="older")
        os._exit(0)
    return os.waitpid(child, 0)[1]

seen = []
for after in (False, True):
    at = 0
    while status := save_until(at, after):
        files = {n: path.with_name(n).read_text() for n in os.listdir(path.parent)}
        seen.append([at, after, status, files])
        at += 1
print(json.dumps(seen))
"""


@pytest.mark.parametrize("links", ["links", "none"])
def test_death_at_any_call_leaves_a_whole_file(links: str, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    command = [sys.executable, "-c", DEATHS, str(folder / "a.pkl"), links]
    seen = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout)
    assert len(seen) >= 28
    newest = []
    for at, after, status, files in seen:
        assert status == 9
        whole = [files.pop(name) for name in ("a.pkl", "older") if name in files]
        newest.append(whole[0])
        assert set(whole) <= {"new content", "old", "older"}, (at, after)
        assert len(whole) == 2 or (links == "none" and whole == ["old"]), (at, after)
        assert all(name.endswith(".rnnlm-tmp") for name in files)
    assert set(newest) == {"old", "new content"}
    remove_orphans(folder / "a.pkl")
    assert not [name for name in os.listdir(folder) if name.endswith("tmp")]
