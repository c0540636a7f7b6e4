"""Standard input as a corpus: a file in the cache, by its hash."""

import gzip
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rnnlm_cli.corpus import standard_input
from rnnlm_cli.corpus.loading import load_corpus
from rnnlm_cli.corpus.reading.places import Place
from rnnlm_cli.corpus.standard_input import copy_notes, is_copy, place_of_files
from rnnlm_cli.errors import ConfigError, CorpusError
from rnnlm_cli.settings.text import CorpusConfig

TEXT = "".join(f"a cat and {i % 3} dogs\n" for i in range(60)).encode()
Pipe = Callable[[bytes], None]


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch) -> Pipe:
    """Lets standard input be these bytes."""
    return lambda data: monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_it_is_a_file_like_any_other(pipe: Pipe, tmp_path: Path, cache_folder: Path) -> None:
    pipe(TEXT)
    (path,) = place_of_files(Place(("-",))).names
    assert Path(path).parent == cache_folder
    assert Path(path).read_bytes() == TEXT
    assert Path(path).stat().st_mode & 0o777 == 0o600
    (tmp_path / "t.txt").write_bytes(TEXT)
    wanted = load_corpus(str(tmp_path / "t.txt"), CorpusConfig())
    assert load_corpus(path, CorpusConfig()).sha256 == wanted.sha256
    assert copy_notes(("-",), Place((path,))) == [
        f"standard input is kept as {path} until 5 others are: --resume and eval read it there"
    ]


def test_the_same_text_is_the_same_file_packed_or_not(pipe: Pipe, cache_folder: Path) -> None:
    places = []
    for data in (TEXT, gzip.compress(TEXT), TEXT):
        pipe(data)
        places.append(place_of_files(Place(("other", "-"), "latin-1")))
    assert len(set(places)) == 1
    assert places[0].names[0] == "other"
    assert places[0].encoding == "latin-1"
    assert [is_copy(path.name) for path in cache_folder.iterdir()] == [True]


def test_without_it_a_place_stays_as_it_is(pipe: Pipe) -> None:
    place = Place(("./-", "ptb"))
    assert place_of_files(place) is place
    assert copy_notes(place.names, place) == []


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "standard input is empty"),
        (b"PK\x03\x04...", "standard input is a zip archive"),
        (gzip.compress(TEXT, mtime=0)[:-9], "standard input is packed with gzip, but damaged"),
    ],
)
def test_what_is_no_text_is_refused_and_leaves_nothing(
    data: bytes, message: str, pipe: Pipe, cache_folder: Path
) -> None:
    pipe(data)
    with pytest.raises(CorpusError, match=message):
        place_of_files(Place(("-",)))
    assert os.listdir(cache_folder) == []


def test_a_terminal_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal())
    with pytest.raises(CorpusError, match=r"standard input is a terminal.*: pipe one in"):
        place_of_files(Place(("-",)))


def test_twice_is_refused(pipe: Pipe) -> None:
    with pytest.raises(ConfigError, match=r"standard input \(-\) is given twice"):
        place_of_files(Place(("-", "-")))


def test_a_full_disk_is_told_and_leaves_nothing(
    pipe: Pipe, cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*paths: object) -> None:
        raise OSError(28, "No space left on device")

    pipe(TEXT)
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(CorpusError, match=r"No space left on device.*RNNLM_CACHE"):
        place_of_files(Place(("-",)))
    assert os.listdir(cache_folder) == []


def test_the_oldest_copies_go_and_foreign_files_stay(
    pipe: Pipe, cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standard_input, "KEPT", 2)
    for name in ("stdin-notes.txt", f".stdin-{'0' * 16}.txt.0123456789abcdef.rnnlm-tmp"):
        (cache_folder / name).touch()
        os.utime(cache_folder / name, (0, 0))
    names = []
    for i in range(3):
        pipe(TEXT + b"%d" % i)
        names.append(Path(place_of_files(Place(("-",))).names[0]).name)
        os.utime(cache_folder / names[-1], (9 + i, 9 + i))
    assert sorted(os.listdir(cache_folder)) == sorted([*names[1:], "stdin-notes.txt"])
    os.utime(cache_folder / names[1], (99, 10))  # was read: the system says so, on most disks
    pipe(TEXT)
    place_of_files(Place(("-",)))
    assert names[1] in os.listdir(cache_folder)
    assert names[2] not in os.listdir(cache_folder)


def test_a_text_that_is_piped_again_is_not_the_oldest(
    pipe: Pipe, cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standard_input, "KEPT", 3)
    names = []
    for data in (TEXT, TEXT + b"1", TEXT, TEXT + b"2", TEXT + b"3"):
        pipe(data)
        names.append(Path(place_of_files(Place(("-",))).names[0]).name)
        if len(names) < 3:
            os.utime(cache_folder / names[-1], (len(names), len(names)))
    assert sorted(os.listdir(cache_folder)) == sorted({names[0], *names[3:]})


def test_what_is_no_text_costs_no_copy(
    pipe: Pipe, cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standard_input, "KEPT", 1)
    pipe(TEXT)
    kept = place_of_files(Place(("-",))).names
    pipe(b"")
    with pytest.raises(CorpusError, match="is empty"):
        place_of_files(Place(("-",)))
    assert os.listdir(cache_folder) == [Path(kept[0]).name]


def test_a_copy_that_another_process_removes_first_ends_nothing(
    pipe: Pipe, cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (cache_folder / "stdin-0123456789abcdef.txt").symlink_to("gone")  # found, and not there
    pipe(TEXT)
    assert is_copy(place_of_files(Place(("-",))).names[0])
