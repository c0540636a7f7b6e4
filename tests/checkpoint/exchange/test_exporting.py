from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.checkpoint.exchange.exporting import check_free, export, form_of
from rnnlm_cli.corpus.vocab_file import read_words
from rnnlm_cli.errors import CheckpointError, ConfigError
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.settings.model import ModelConfig
from tests.checkpoint.exchange.kinds import LETTERS, V, exported, model_of


@pytest.mark.parametrize("kind", ["Rnnlm", "BetterRnnlm", "char"])
def test_the_list_of_the_book_is_read_as_the_same_model(kind: str, tmp_path: Path) -> None:
    exported(kind, tmp_path / "m.pkl")
    checkpoint, model = load_checkpoint(tmp_path / "m.pkl"), model_of(kind)
    assert checkpoint.text is None
    for mine, theirs in zip(model.params, checkpoint.params, strict=True):
        np.testing.assert_array_equal(mine, theirs)


_RNNLM = ModelConfig(wordvec_size=3, hidden_size=4)
_BETTER = ModelConfig(wordvec_size=4, hidden_size=4, layers=2, tied=True)


@pytest.mark.parametrize(
    ("config", "has_class"),
    [
        (_RNNLM, True),
        (replace(_RNNLM, wordvec_size=4, tied=True), True),
        (_BETTER, True),
        (replace(_RNNLM, tied=True, projection=True), False),
        (replace(_RNNLM, layers=2), False),
        (replace(_BETTER, tied=False), False),
        (replace(_BETTER, wordvec_size=3), False),
        (replace(_BETTER, layers=3), False),
    ],
)
def test_a_list_that_no_class_of_the_book_can_use_has_a_note(
    config: ModelConfig, has_class: bool, tmp_path: Path
) -> None:
    model = LanguageModel(V, config)
    found = export(lambda: model, lambda: pytest.fail("no words"), tmp_path / "m.pkl").note
    assert found.startswith("no class of the book is this model") != has_class
    assert bool(found) != has_class


@pytest.mark.parametrize("kind", ["default", "split", "skips"])
def test_what_the_list_of_the_book_cannot_tell_is_refused(kind: str, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"list of arrays cannot tell: export it to \.safe"):
        exported(kind, tmp_path / "m.pkl")
    assert not (tmp_path / "m.pkl").exists()


def test_the_words_are_read_as_a_vocabulary(tmp_path: Path) -> None:
    exported("char", tmp_path / "words.txt")
    assert read_words(tmp_path / "words.txt", V) == LETTERS


def test_another_ending_is_told_those_that_there_are() -> None:
    with pytest.raises(ConfigError, match=r"must end in one of \.safetensors .*\.txt \(the voc"):
        form_of(Path("m.pt"))


def test_a_file_that_is_there_is_kept(tmp_path: Path) -> None:
    (path := tmp_path / "m.txt").touch()
    check_free(path, overwrite=True)
    check_free(tmp_path / "n.txt", overwrite=False)
    with pytest.raises(CheckpointError, match="is there already: choose another name, or over"):
        check_free(path, overwrite=False)


def test_a_name_that_no_file_can_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"written \(File name too long\): choose another"):
        check_free(tmp_path / f"{'m' * 300}.txt", overwrite=True)
