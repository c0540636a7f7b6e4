"""Names and paths, and the files behind them."""

from pathlib import Path

import pytest

from rnnlm_cli.corpus.reading.places import Place, check_named_once
from rnnlm_cli.errors import ConfigError


def test_the_files_of_a_corpus_are_those_that_it_is_read_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [tmp_path / f"a.{split}.txt" for split in ("train", "valid", "test")]
    for path in paths:
        path.write_text("a b\n")
    assert Place.of(str(tmp_path)).files == paths
    assert Place.of(str(paths[-1])).files == paths[-1:]
    monkeypatch.setenv("RNNLM_CORPORA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for nowhere in ("pydoc", "ptb", "none", "-"):
        assert Place.of(nowhere).files == []


def test_texts_of_a_folder_that_are_not_read_are_told(tmp_path: Path) -> None:
    for name in ("train", "valid", "test", *"abcd"):
        (tmp_path / f"{name}.txt").write_text("a b\n")
    place = Place.of(("pydoc", str(tmp_path)))
    assert place.notes == [
        f"the folder '{tmp_path}' has a file for each split, beside which "
        "'a.txt', 'b.txt', 'c.txt', 1 more are not read"
    ]
    for name in "bcd":
        (tmp_path / f"{name}.txt").unlink()
    assert place.notes[0].endswith("beside which 'a.txt' is not read")
    (tmp_path / "a.txt").unlink()
    assert place.notes == []


def test_a_text_that_is_called_after_a_split_and_is_none_is_told(tmp_path: Path) -> None:
    for name in ("a", "test"):
        (tmp_path / f"{name}.txt").write_text("a b\n")
    (note,) = Place.of(str(tmp_path)).notes
    assert note.endswith("has no file for training, so that 'test.txt' is a part of one text")


@pytest.mark.parametrize("other", ["./a.txt", "../{0}/a.txt", "linked.txt", "a.txt"])
def test_a_text_that_is_named_in_two_ways_is_given_twice(
    other: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.txt").touch()
    Path("linked.txt").symlink_to("a.txt")
    other = other.format(tmp_path.name)
    with pytest.raises(ConfigError, match=rf"corpus '{other}' is given twice: give it once"):
        check_named_once(Place(("a.txt", other)))


def test_texts_that_are_none_a_name_or_standard_input_are_told_apart() -> None:
    check_named_once(Place(("a", "b\0", "-", "./-", "shakespeare", "./shakespeare")))
    with pytest.raises(ConfigError, match="corpus 'shakespeare' is given twice"):
        check_named_once(Place(("shakespeare", "./shakespeare", "shakespeare")))
