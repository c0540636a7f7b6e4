"""The registry: where the files of a named corpus are found, and that they are the right ones."""

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from rnnlm_cli.corpus.reading import named
from rnnlm_cli.corpus.reading.named import (
    CORPORA,
    NamedCorpus,
    PinnedFile,
    find_named,
    list_corpora,
)
from rnnlm_cli.errors import CorpusError
from rnnlm_cli.settings.text import Split

TRAIN, VALID = b"a b\n", b"c\n"


def pinned(name: str, data: bytes) -> PinnedFile:
    return PinnedFile(name, len(data), hashlib.sha256(data).hexdigest())


@pytest.fixture
def toy(empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A corpus `toy` of two files is registered; where its files would lie in the checkout."""
    files: dict[Split, PinnedFile] = {
        "train": pinned("t.txt", TRAIN),
        "valid": pinned("v.txt", VALID),
    }
    monkeypatch.setattr(named, "CORPORA", {"toy": NamedCorpus("a toy", files)})
    return empty_home / "corpora" / "toy"


def put(folder: Path, train: bytes = TRAIN, valid: bytes | None = VALID) -> None:
    folder.mkdir(parents=True)
    (folder / "t.txt").write_bytes(train)
    if valid is not None:
        (folder / "v.txt").write_bytes(valid)


def test_names_are_plain_and_every_download_is_verified() -> None:
    assert all(re.fullmatch(r"[a-z0-9._-]+", name) for name in CORPORA)
    mirrors = [url for corpus in CORPORA.values() for url in corpus.mirrors]
    assert all(url.startswith("https://") and url.endswith("/") for url in mirrors)
    assert all(len(c.mirrors) >= 2 for c in CORPORA.values() if c.files)


def test_a_corpus_that_is_nowhere_is_none(toy: Path) -> None:
    assert find_named("toy") is None


def test_the_folder_of_the_environment_comes_first(
    toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(toy)
    assert find_named("toy") == {
        "train": Path("corpora/toy/t.txt"),
        "valid": Path("corpora/toy/v.txt"),
    }
    monkeypatch.setenv("RNNLM_CORPORA", str(tmp_path / "mine"))
    put(tmp_path / "mine" / "toy")
    assert find_named("toy") == {
        "train": tmp_path / "mine/toy/t.txt",
        "valid": tmp_path / "mine/toy/v.txt",
    }


def test_a_folder_without_all_files_is_passed_over(
    toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(toy)
    put(tmp_path / "mine" / "toy", valid=None)
    monkeypatch.setenv("RNNLM_CORPORA", str(tmp_path / "mine"))
    found = find_named("toy")
    assert found is not None
    assert found["train"] == Path("corpora/toy/t.txt")


@pytest.mark.parametrize("wrong", [b"a c\n", b"a b\n\n", b""])
def test_a_file_that_is_not_the_pinned_one_is_refused(toy: Path, wrong: bytes) -> None:
    put(toy, train=wrong)
    with pytest.raises(
        CorpusError, match=rf"t\.txt' is not the t\.txt of corpus toy: {len(wrong)} bytes"
    ):
        find_named("toy")


def test_a_file_that_cannot_be_read_is_said(toy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(stream: object, name: str) -> None:
        raise OSError(5, "Input/output error")

    put(toy)
    monkeypatch.setattr(hashlib, "file_digest", fail)
    with pytest.raises(CorpusError, match=r"t\.txt' cannot be read \(Input/output error\)"):
        find_named("toy")


def test_an_unknown_name_is_refused_with_the_known_ones(empty_home: Path) -> None:
    with pytest.raises(CorpusError, match=r"named '\.\./x': choose one of neko, ptb, pydoc, shake"):
        find_named("../x")


def test_the_list_says_what_is_at_hand(toy: Path) -> None:
    (info,) = list_corpora()
    assert (info.name, info.source, info.files) == ("toy", "a toy", ("t.txt", "v.txt"))
    assert info.where is None
    put(toy)
    assert list_corpora()[0].where == Path("corpora/toy")


def test_the_embedded_corpus_is_always_at_hand(empty_home: Path) -> None:
    where = {info.name: info.where for info in list_corpora()}
    assert [name for name in where if where[name]] == ["pydoc"]
    assert find_named("pydoc") == {}


def test_a_python_without_the_embedded_text_lists_it_as_absent(
    empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "pydoc_data.topics", raising=False)
    monkeypatch.setitem(sys.modules, "pydoc_data", None)
    assert [info.where for info in list_corpora() if info.name == "pydoc"] == [None]


def test_a_light_import_brings_no_network_library() -> None:
    code = "import sys, rnnlm_cli.corpus.loading; print({'pooch', 'requests'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"
