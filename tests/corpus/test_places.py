"""Names and paths, and the files behind them."""

from pathlib import Path

import pytest

from rnnlm_cli.corpus.places import Place


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
