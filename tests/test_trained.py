from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.checkpoint.contents import Checkpoint
from rnnlm_cli.corpus.record import banned_ids, start_ids, word_id
from rnnlm_cli.errors import CheckpointError, ConfigError, CorpusError, VocabularyError
from rnnlm_cli.trained import GivenText, own_splits, text_to_score, words_of


@pytest.fixture
def checkpoint(trained: Path) -> Checkpoint:
    return load_checkpoint(trained)


def test_the_text_is_the_test_split_of_the_corpus_that_was_trained_on(
    checkpoint: Checkpoint, trained: Path
) -> None:
    test = text_to_score(checkpoint, trained)
    valid = text_to_score(checkpoint, trained, split="valid")
    assert (test.split, len(test.ids)) == ("test", 210)
    assert not np.array_equal(test.ids, valid.ids)
    assert test.vocabulary.words == checkpoint.text.words  # type: ignore[union-attr]


def changed(checkpoint: Checkpoint, folder: Path) -> tuple[Path, Checkpoint]:
    """Another text, and a checkpoint that says it was trained on that."""
    assert checkpoint.text is not None
    other = folder / "other.txt"
    other.write_text("the old cat sees a dog\n" * 200)
    moved = replace(checkpoint, text=replace(checkpoint.text, corpus=str(other)))
    return other, moved


def test_a_text_that_has_changed_is_refused_unless_it_is_asked_for(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    other, moved = changed(checkpoint, tmp_path)
    with pytest.raises(CorpusError, match=r"not the text that .* was trained on.*--corpus"):
        text_to_score(moved, Path("m.pkl"))
    assert text_to_score(checkpoint, Path("m.pkl"), corpus=str(other)).name == str(other)


def test_words_and_a_file_are_scored_as_lines(checkpoint: Checkpoint, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("the old cat")
    words = ["the", "old", "cat", "<eos>"]
    for given in (("the old cat", None), (None, str(tmp_path / "t.txt"))):
        scored = text_to_score(checkpoint, Path("m.pkl"), given=GivenText.read(*given))
        assert scored.vocabulary.decode(scored.ids) == words
        assert scored.split is None


def test_a_word_that_has_no_id_and_no_stand_in_is_an_error(checkpoint: Checkpoint) -> None:
    with pytest.raises(VocabularyError, match="--text, line 1: the word 'zebra'"):
        text_to_score(checkpoint, Path("m.pkl"), given=GivenText.read("the old zebra", None))


def test_two_texts_at_once_are_refused(checkpoint: Checkpoint) -> None:
    with pytest.raises(ConfigError, match="give one"):
        GivenText.read("a", "b")
    words = GivenText.read("a", None)
    with pytest.raises(ConfigError, match="give one"):
        text_to_score(checkpoint, Path("m.pkl"), given=words, corpus="ptb")
    with pytest.raises(ConfigError, match="--split is given beside"):
        text_to_score(checkpoint, Path("m.pkl"), given=words, split="valid")


def test_a_text_that_is_gone_is_told_by_who_named_it(checkpoint: Checkpoint) -> None:
    assert checkpoint.text is not None
    gone = replace(checkpoint, text=replace(checkpoint.text, corpus="gone.txt"))
    with pytest.raises(CorpusError, match=r"'m.pkl' was trained on 'gone.txt', which is not here"):
        text_to_score(gone, Path("m.pkl"))


def test_only_the_split_to_score_needs_known_words(checkpoint: Checkpoint, tmp_path: Path) -> None:
    for split, line in (("train", "zebra"), ("valid", "zebra"), ("test", "the old cat")):
        (tmp_path / f"{split}.txt").write_text(line)
    scored = text_to_score(checkpoint, Path("m.pkl"), corpus=str(tmp_path))
    assert scored.vocabulary.decode(scored.ids) == ["the", "old", "cat", "<eos>"]


def test_options_lower_their_words_as_the_text_was(checkpoint: Checkpoint) -> None:
    assert checkpoint.text is not None
    lower = replace(checkpoint.text, config=replace(checkpoint.text.config, lower=True))
    assert word_id(lower, "Cat", "--skip") == word_id(lower, "cat", "--skip")
    with pytest.raises(VocabularyError):
        word_id(checkpoint.text, "Cat", "--skip")


def test_a_line_end_may_stand_in_the_start(checkpoint: Checkpoint) -> None:
    assert checkpoint.text is not None
    eos = checkpoint.text.vocabulary.eos_id
    ids = start_ids(checkpoint.text, "the<eos> old")
    assert [i == eos for i in ids] == [True, False, True, False]


def test_a_file_without_words_takes_them_from_a_fitting_corpus(
    checkpoint: Checkpoint, trained: Path, tmp_path: Path
) -> None:
    bare, corpus = replace(checkpoint, text=None), trained.with_name("simple.txt")
    with pytest.raises(CheckpointError, match=r"no vocabulary .*--corpus ptb"):
        words_of(bare, trained, None)
    assert checkpoint.text is not None
    assert words_of(bare, trained, str(corpus)).words == checkpoint.text.words
    (tmp_path / "other.txt").write_text("one two three\n" * 100)
    with pytest.raises(CheckpointError, match=r"trained on 13 words, but .* has 4"):
        words_of(bare, trained, str(tmp_path / "other.txt"))


def test_a_start_begins_a_line(checkpoint: Checkpoint) -> None:
    assert checkpoint.text is not None
    vocabulary = checkpoint.text.vocabulary
    assert vocabulary.decode(start_ids(checkpoint.text, "the old")) == ["<eos>", "the", "old"]
    assert start_ids(checkpoint.text, "") == [vocabulary.eos_id]


def test_an_unknown_start_word_gets_the_words_spelt_alike(checkpoint: Checkpoint) -> None:
    assert checkpoint.text is not None
    with pytest.raises(VocabularyError, match=r"--start: the word 'chidl' .* 'child'"):
        start_ids(checkpoint.text, "the chidl")


def test_unk_is_banned_unless_it_is_wanted(checkpoint: Checkpoint) -> None:
    assert checkpoint.text is not None
    text = replace(checkpoint.text, words=("<unk>", "the", "<eos>"))
    assert banned_ids(text, ["the"], unk=False) == {0, 1}
    assert banned_ids(text, [], unk=True) == set()
    assert word_id(text, "the", "--nearest") == 1


def test_tricks_are_tuned_on_the_splits_of_the_models_own_corpus(
    checkpoint: Checkpoint, trained: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.txt"
    other.write_text("the old cat sees a dog\n" * 200)
    train, valid = own_splits(checkpoint, trained, str(other))
    for split, ids in (("train", train), ("valid", valid)):
        expected = text_to_score(checkpoint, trained, split=split)  # type: ignore[arg-type]
        np.testing.assert_array_equal(ids, expected.ids)


def test_tricks_are_tuned_on_no_text_that_has_changed(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    _, moved = changed(checkpoint, tmp_path)
    with pytest.raises(CorpusError, match=r"not the text that .* was trained on.*without them"):
        own_splits(moved, Path("m.pkl"), None)
