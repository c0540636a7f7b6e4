"""Folders in the forms that people have."""

import os
from pathlib import Path

import pytest

from rnnlm_cli.corpus.reading.folders import (
    files_of_folder,
    texts_called_after_a_split,
    unread_texts,
)
from rnnlm_cli.errors import CorpusError
from rnnlm_cli.tasks.contrasts.contrast_files import files_at


def folder(path: Path, *names: str) -> Path:
    for name in names:
        (path / name).write_text("a b\n")
    return path


@pytest.mark.parametrize(
    "names",
    [
        ("train.txt", "valid.txt", "test.txt"),
        ("train.txt", "val.txt", "test.txt"),
        ("train.txt", "dev.txt", "test.txt"),
        ("wiki.train.tokens", "wiki.valid.tokens", "wiki.test.tokens"),
        ("wiki.train.raw", "wiki.valid.raw", "wiki.test.raw"),
        ("en-ud-train.txt", "en-ud-dev.txt", "en-ud-test.txt"),
        ("Train.txt", "Validation.txt", "Test.txt"),
        ("train.txt.gz", "valid.txt.gz", "test.txt"),
        ("train", "valid", "test"),
    ],
)
def test_a_file_for_each_split_is_known_by_its_name(names: tuple[str, ...], tmp_path: Path) -> None:
    found = files_of_folder(folder(tmp_path, *names, "README.md", ".test.txt", "notes.txt"))
    assert [path.name for paths in found.values() for path in paths] == list(names)
    assert list(found) == ["train", "valid", "test"]


def test_texts_beside_those_of_the_splits_are_not_read(tmp_path: Path) -> None:
    folder(
        tmp_path, "train.txt", "valid.txt", "test.txt", "b.valid.txt", "a.txt.gz", "x.md", ".y.txt"
    )
    assert [path.name for path in unread_texts(tmp_path)] == ["a.txt.gz", "b.valid.txt"]
    assert texts_called_after_a_split(tmp_path) == []
    for split in ("train", "valid"):
        (tmp_path / f"{split}.txt").unlink()
    assert unread_texts(tmp_path) == []  # for now all are one text
    called = [path.name for path in texts_called_after_a_split(tmp_path)]
    assert called == ["b.valid.txt", "test.txt"]


def test_other_text_files_are_one_text_by_name(tmp_path: Path) -> None:
    (folder(tmp_path, "b.txt", "a.txt.gz", "c.TXT", "README.md", "test.txt") / "d.txt").mkdir()
    names = [path.name for path in files_of_folder(tmp_path)["train"]]
    assert names == ["a.txt.gz", "b.txt", "c.TXT", "test.txt"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (
            (),
            "has no train.txt, nor any .txt: put .* there, or .txt files that are one text",
        ),
        (("train.txt", "valid.txt"), "has 'train.txt' but not 'test.txt': put it there"),
        (("a.train.raw",), "has 'a.train.raw' but not 'a.valid.raw' and 'a.test.raw'"),
        (("train.txt", "dev.txt", "val.txt", "test.txt"), "has both 'dev.txt' and 'val.txt'"),
        (("wiki.train.raw", "wiki.train.tokens"), "both 'wiki.train.raw' and 'wiki.train.tokens'"),
        (("a.train.txt", "b.valid.txt", "b.test.txt"), "not 'a.valid.txt' and 'a.test.txt'"),
        (
            ("w.tran.txt", "w.test.txt", "w.dev.txt"),
            "has 'w.dev.txt' and 'w.test.txt' but not 'w.train.txt': put it there, or give the two",
        ),
    ],
)
def test_a_folder_of_which_a_split_is_not_clear_is_refused(
    names: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    with pytest.raises(CorpusError, match=message):
        files_of_folder(folder(tmp_path, *names))


def test_a_folder_that_may_not_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    folder(tmp_path, "train.txt", "valid.txt", "test.txt")
    monkeypatch.setattr(os, "scandir", refuse)
    monkeypatch.setattr(os, "listdir", refuse)
    for read in (files_of_folder, unread_texts, lambda path: files_at(path, ".txt")):
        with pytest.raises(
            CorpusError, match=r"the folder '.*' cannot be read \(Permission denied"
        ):
            read(tmp_path)
