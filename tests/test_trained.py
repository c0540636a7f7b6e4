from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.checkpoint.contents import Checkpoint
from rnnlm_cli.corpus.reading import GivenText
from rnnlm_cli.corpus.units import Tokenizer
from rnnlm_cli.errors import CheckpointError, ConfigError, CorpusError, VocabularyError
from rnnlm_cli.scoring.adapting.components import in_silence
from rnnlm_cli.settings.sample import SampleConfig
from rnnlm_cli.settings.text import Split
from rnnlm_cli.settings.tricks import TrickConfig
from rnnlm_cli.trained import Trained


@pytest.fixture
def checkpoint(trained: Path) -> Checkpoint:
    return load_checkpoint(trained)


def test_the_text_is_the_test_split_of_the_corpus_that_was_trained_on(
    checkpoint: Checkpoint, trained: Path
) -> None:
    lm = Trained(checkpoint, trained)
    test, valid = lm.text_to_score(), lm.text_to_score(split="valid")
    assert (test.split, len(test.ids)) == ("test", 210)
    assert not np.array_equal(test.ids, valid.ids)
    assert lm.words is checkpoint.text


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
        Trained(moved, Path("m.pkl")).text_to_score()
    assert Trained(checkpoint, Path("m.pkl"), str(other)).text_to_score().name == str(other)


def test_words_and_a_file_are_scored_as_lines(checkpoint: Checkpoint, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("the old cat")
    lm, words = Trained(checkpoint, Path("m.pkl")), ["the", "old", "cat", "<eos>"]
    for given in (("the old cat", None), (None, str(tmp_path / "t.txt"))):
        scored = lm.text_to_score(GivenText.read(*given))
        assert lm.words.vocabulary.decode(scored.ids) == words
        assert scored.split is None


def test_a_file_may_be_called_as_the_option_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("--text").write_text("the old cat")
    words, file = GivenText.read("the old cat", None), GivenText.read(None, "--text")
    assert words is not None
    assert file is not None
    assert (words.where, file.where) == ("--text", "'--text'")


def test_a_word_that_has_no_id_and_no_stand_in_is_an_error(checkpoint: Checkpoint) -> None:
    with pytest.raises(VocabularyError, match="--text, line 1: the word 'zebra'"):
        Trained(checkpoint, Path("m.pkl")).evaluate("the old zebra")


def test_two_texts_at_once_are_refused(checkpoint: Checkpoint) -> None:
    with pytest.raises(ConfigError, match="give one"):
        GivenText.read("a", "b")
    words = GivenText.read("a", None)
    with pytest.raises(ConfigError, match="give one"):
        Trained(checkpoint, Path("m.pkl"), "ptb").text_to_score(words)
    with pytest.raises(ConfigError, match="--split is given beside"):
        Trained(checkpoint, Path("m.pkl")).text_to_score(words, "valid")


def test_a_text_that_is_gone_is_told_by_who_named_it(checkpoint: Checkpoint) -> None:
    assert checkpoint.text is not None
    gone = replace(checkpoint, text=replace(checkpoint.text, corpus="gone.txt"))
    with pytest.raises(CorpusError, match=r"'m.pkl' was trained on 'gone.txt', which is not here"):
        Trained(gone, Path("m.pkl")).text_to_score()


def test_only_the_split_to_score_needs_known_words(checkpoint: Checkpoint, tmp_path: Path) -> None:
    for split, line in (("train", "zebra"), ("valid", "zebra"), ("test", "the old cat")):
        (tmp_path / f"{split}.txt").write_text(line)
    lm = Trained(checkpoint, Path("m.pkl"), str(tmp_path))
    assert lm.words.vocabulary.decode(lm.text_to_score().ids) == ["the", "old", "cat", "<eos>"]


def test_a_model_of_the_first_rule_reads_and_writes_as_it_did(checkpoint: Checkpoint) -> None:
    assert checkpoint.text is not None
    old = replace(checkpoint, text=replace(checkpoint.text, rule=1, unicode=""))
    lm, new = Trained(old, None), Trained(checkpoint, None)
    assert lm.words.tokenizer == Tokenizer("word", rule=1)
    assert (
        lm.evaluate("the cat  sees").nats_per_token == new.evaluate("the cat sees").nats_per_token
    )
    samples = [list(model.generate("the", SampleConfig(length=9, seed=1))) for model in (lm, new)]
    assert samples[0] == samples[1]


def test_a_file_without_words_takes_them_from_a_fitting_corpus(
    checkpoint: Checkpoint, trained: Path, tmp_path: Path
) -> None:
    bare, corpus = replace(checkpoint, text=None), trained.with_name("simple.txt")
    with pytest.raises(CheckpointError, match=r"no vocabulary .*--corpus ptb"):
        _ = Trained(bare, trained).words
    assert checkpoint.text is not None
    assert Trained(bare, trained, str(corpus)).words.words == checkpoint.text.words
    (tmp_path / "other.txt").write_text("one two three\n" * 100)
    with pytest.raises(CheckpointError, match=r"trained on 13 words, but .* has 4"):
        _ = Trained(bare, trained, str(tmp_path / "other.txt")).words


def test_tricks_are_tuned_on_the_splits_of_the_models_own_corpus(
    checkpoint: Checkpoint, trained: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.txt"
    other.write_text("the old cat sees a dog\n" * 200)
    own = Trained(checkpoint, trained, str(other)).corpus
    splits: tuple[Split, ...] = ("train", "valid")
    for split in splits:
        expected = Trained(checkpoint, trained).text_to_score(split=split)
        np.testing.assert_array_equal(own.ids(split), expected.ids)


def test_tricks_are_tuned_on_no_text_that_has_changed(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    _, moved = changed(checkpoint, tmp_path)
    lm = Trained(moved, Path("m.pkl"))
    scored = lm.text_to_score(GivenText("the old cat"))
    with pytest.raises(CorpusError, match=r"not the text that .* was trained on.*without them"):
        lm.score_with_tricks(scored, TrickConfig(cache=True), say=print, stages=in_silence)


def test_its_model_its_words_and_its_text_are_made_once(trained: Path) -> None:
    lm = Trained.load(trained)
    assert lm.model is lm.model
    assert lm.words.vocabulary is lm.words.vocabulary
    assert lm.corpus is lm.corpus
    assert lm.corpus.ids("test") is lm.text_to_score().ids


def test_a_text_begins_with_its_start_and_goes_on_by_a_token(trained: Path) -> None:
    config = SampleConfig(length=4, samples=2, seed=1, stop_at_eos=True)
    begun, *pieces = Trained.load(trained).generate("the old cat sees a", config, skip=["cat"])
    assert begun == ["the old cat sees a"] * 2
    assert [len(each) for each in pieces] == [2] * len(pieces)
    for text in map("".join, zip(*pieces, strict=True)):
        assert text.endswith("\n")
        assert "cat" not in text


def test_what_is_nearest_comes_as_words(trained: Path) -> None:
    (best, cosine), _ = Trained.load(trained).nearest("cat", 2)
    assert best in ("dog", "bird", "child")
    assert 0 < cosine < 1
    with pytest.raises(VocabularyError, match=r"'caat'.*'cat'"):
        Trained.load(trained).nearest("caat")
