from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.checkpoint.contents import Checkpoint
from rnnlm_cli.checkpoint.opened import Opened
from rnnlm_cli.checkpoint.texts import ModelTexts, ScoredText
from rnnlm_cli.corpus.encoded_text import EncodedText
from rnnlm_cli.corpus.given_text import GivenText, given_lines
from rnnlm_cli.corpus.reading.places import Place
from rnnlm_cli.errors import CheckpointError, ConfigError, CorpusError, VocabularyError
from rnnlm_cli.pickling import write_arrays
from rnnlm_cli.scoring.adapting import Adapted
from rnnlm_cli.scoring.evaluation import evaluate
from rnnlm_cli.settings.text import Split
from rnnlm_cli.settings.train import Protocol
from rnnlm_cli.settings.tricks import TrickConfig
from rnnlm_cli.trained import Trained
from rnnlm_cli.watching import in_silence
from tests.small_runs import simple_text


@pytest.fixture
def checkpoint(trained: Path) -> Checkpoint:
    return load_checkpoint(trained)


@pytest.mark.parametrize("decoy", ["", "too short\n", "another text\n" * 200])
def test_what_happens_to_have_the_name_of_its_text_hides_it_no_more(
    checkpoint: Checkpoint,
    trained: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    decoy: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("simple.txt").write_text(decoy)
    assert len(ModelTexts(checkpoint, trained).to_score().ids) == 210
    with pytest.raises(CorpusError, match=r"simple\.txt"):
        ModelTexts(checkpoint, Path("m.pkl")).to_score()


def test_the_text_is_the_test_split_of_the_corpus_that_was_trained_on(
    checkpoint: Checkpoint, trained: Path
) -> None:
    lm = Trained(Opened(ModelTexts(checkpoint, trained)))
    test, valid = lm._lm.texts.to_score(), lm._lm.texts.to_score(split="valid")
    assert (test.split, len(test.ids)) == ("test", 210)
    assert not np.array_equal(test.ids, valid.ids)
    assert lm.words is checkpoint.text


def adapted(lm: Trained, scored: ScoredText, tricks: TrickConfig) -> list[Adapted]:
    helped = lm._lm.with_tricks(tricks, say=print, stages=in_silence)
    return helped.score(scored.text)


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
    with pytest.raises(CorpusError, match=r"not the text that .* was trained on.*as the corpus"):
        ModelTexts(moved, Path("m.pkl")).to_score()
    assert ModelTexts(checkpoint, Path("m.pkl"), Place.of(str(other))).to_score().name == str(other)


def test_words_and_a_file_are_scored_as_lines(checkpoint: Checkpoint, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("the old cat")
    lm, words = (
        Trained(Opened(ModelTexts(checkpoint, Path("m.pkl")))),
        ["the", "old", "cat", "<eos>"],
    )
    for given in (("the old cat", None), (None, str(tmp_path / "t.txt"))):
        scored = lm._lm.texts.to_score(GivenText.read(*given))
        assert lm.words.vocabulary.decode(scored.ids) == words
        assert scored.split is None


@pytest.mark.parametrize("small", [0, 10**6])
@pytest.mark.parametrize("ends", [0, 1, 2, 3])
def test_every_line_end_of_a_file_counts_and_the_last_line_has_one(
    ends: int, small: int, checkpoint: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rnnlm_cli.corpus.given_text.SMALL", small)
    (file := tmp_path / "t.txt").write_text("the old cat" + "\n" * ends)
    scored = ModelTexts(checkpoint, None).to_score(GivenText.read(None, str(file))).text
    assert len(scored) == 3 + max(1, ends)
    assert scored.characters == len("the old cat") + max(1, ends)
    (lines,) = given_lines([], [str(file)])
    assert lines.count == max(1, ends)


def test_line_ends_can_be_left_uncounted(checkpoint: Checkpoint) -> None:
    lm = Trained(Opened(ModelTexts(checkpoint, Path("m.pkl"))))
    whole, words = (lm.evaluate(text="the old cat\na dog", eos=eos) for eos in (True, False))
    assert (whole.tokens, words.tokens) == (7, 5)
    assert whole.perplexity_without_eos == words.perplexity
    assert whole.characters == len("the old cat\na dog\n")
    assert whole.bits_per_character == pytest.approx(whole.bits_per_token * 7 / 18)


def test_a_file_may_be_called_as_the_option_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("--text").write_text("the old cat")
    words, file = GivenText.read("the old cat", None), GivenText.read(None, "--text")
    assert words is not None
    assert file is not None
    assert (words.where, file.where) == ("the text", "'--text'")


def test_a_word_that_has_no_id_and_no_stand_in_is_an_error(checkpoint: Checkpoint) -> None:
    with pytest.raises(VocabularyError, match="the text, line 1: the word 'zebra'"):
        Trained(Opened(ModelTexts(checkpoint, Path("m.pkl")))).evaluate(text="the old zebra")


def test_two_texts_at_once_are_refused(checkpoint: Checkpoint) -> None:
    with pytest.raises(ConfigError, match="give one"):
        GivenText.read("a", "b")
    words = GivenText.read("a", None)
    with pytest.raises(ConfigError, match="a split is given beside"):
        ModelTexts(checkpoint, Path("m.pkl")).to_score(words, "valid")


def test_a_text_that_is_gone_is_told_by_who_named_it(checkpoint: Checkpoint) -> None:
    assert checkpoint.text is not None
    gone = replace(checkpoint, text=replace(checkpoint.text, corpus="gone.txt"))
    with pytest.raises(CorpusError, match=r"'m.pkl' was trained on 'gone.txt', which is not here"):
        ModelTexts(gone, Path("m.pkl")).to_score()


def test_only_the_split_to_score_needs_known_words(checkpoint: Checkpoint, tmp_path: Path) -> None:
    for split, line in (("train", "zebra"), ("valid", "zebra"), ("test", "the old cat")):
        (tmp_path / f"{split}.txt").write_text(line)
    lm = Trained(Opened(ModelTexts(checkpoint, Path("m.pkl"), Place.of(str(tmp_path)))))
    assert lm.words.vocabulary.decode(lm._lm.texts.to_score().ids) == [
        "the",
        "old",
        "cat",
        "<eos>",
    ]


def test_a_file_without_words_takes_them_from_a_fitting_corpus(
    checkpoint: Checkpoint, trained: Path, tmp_path: Path
) -> None:
    bare, corpus = replace(checkpoint, text=None), trained.with_name("simple.txt")
    with pytest.raises(CheckpointError, match=r"holds no words: name a file of .*such as ptb"):
        _ = ModelTexts(bare, trained).words
    assert checkpoint.text is not None
    assert ModelTexts(bare, trained, Place.of(str(corpus))).words.words == checkpoint.text.words
    (tmp_path / "other.txt").write_text("one two three\n" * 100)
    with pytest.raises(CheckpointError, match=r"trained on 13 words, but .* has 4"):
        _ = ModelTexts(bare, trained, Place.of(str(tmp_path / "other.txt"))).words


def test_tricks_are_tuned_on_the_splits_of_the_models_own_corpus(
    checkpoint: Checkpoint, trained: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.txt"
    other.write_text("the old cat sees a dog\n" * 200)
    own = ModelTexts(checkpoint, trained, Place.of(str(other))).trained_on()
    splits: tuple[Split, ...] = ("train", "valid")
    for split in splits:
        expected = ModelTexts(checkpoint, trained).to_score(split=split)
        np.testing.assert_array_equal(own.ids(split), expected.ids)


def test_tricks_are_tuned_on_no_text_that_has_changed(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    _, moved = changed(checkpoint, tmp_path)
    lm = Trained(Opened(ModelTexts(moved, Path("m.pkl"))))
    scored = lm._lm.texts.to_score(GivenText(("the old cat",)))
    with pytest.raises(CorpusError, match=r"not the text that .* was trained on.*without them"):
        adapted(lm, scored, TrickConfig(cache=True))


def test_its_model_its_words_and_its_text_are_made_once(trained: Path) -> None:
    lm = Trained.load(trained)
    assert lm._lm.model is lm._lm.model
    assert lm.words.vocabulary is lm.words.vocabulary
    assert lm.corpus is lm.corpus
    assert lm.corpus.ids("test") is lm._lm.texts.to_score().ids


@pytest.fixture
def bare(trained: Path, tmp_path: Path) -> Path:
    """The model as a reader of the book has it: arrays alone, and words in a file beside them."""
    checkpoint = load_checkpoint(trained)
    assert checkpoint.text is not None
    write_arrays(tmp_path / "Rnnlm.pkl", checkpoint.params)
    (tmp_path / "words.txt").write_text("\n".join(checkpoint.text.words))
    return tmp_path / "Rnnlm.pkl"


def test_a_file_without_words_takes_them_from_a_file(bare: Path, trained: Path) -> None:
    lm, own = Trained.load(bare, vocab=bare.with_name("words.txt")), Trained.load(trained)
    text = "the old cat sees a dog"
    assert lm.words.words == own.words.words
    np.testing.assert_array_equal(lm.evaluate(text=text).nats, own.evaluate(text=text).nats)
    assert lm.most_similar("cat", 3) == own.most_similar("cat", 3)
    assert lm._lm.texts.notes == [
        f"'{bare}' holds no words: it gets those of '{bare.with_name('words.txt')}' "
        "(unit whitespace), of which only the number, 13, could be checked"
    ]
    assert own._lm.texts.notes == Trained.load(bare)._lm.texts.notes == []
    with pytest.raises(CorpusError, match="does not say which text it was trained on: name it"):
        lm.evaluate()


def test_a_file_without_words_scores_a_corpus_in_those_it_was_given(
    bare: Path, trained: Path
) -> None:
    words, corpus = bare.with_name("words.txt"), str(trained.with_name("simple.txt"))
    lm, own = Trained.load(bare, corpus, vocab=words), Trained.load(trained)
    np.testing.assert_array_equal(lm.evaluate().nats, own.evaluate().nats)
    scored, tricks = lm._lm.texts.to_score(), TrickConfig(temper=True)
    (best,) = adapted(lm, scored, tricks)
    assert best.evaluation.tokens == len(scored.ids)


def given_words(path: Path, vocab: Path) -> Opened:
    return Opened(ModelTexts(load_checkpoint(path), path, vocab=vocab))


def test_words_from_a_corpus_are_noted_and_own_words_are_kept(bare: Path, trained: Path) -> None:
    (note,) = Trained.load(bare, str(trained.with_name("simple.txt")))._lm.texts.notes
    assert "simple.txt' (unit word), of which only the number, 13, could be checked" in note
    lm = given_words(trained, bare.with_name("words.txt"))
    assert lm.texts.words is lm.checkpoint.text
    assert lm.texts.notes == [
        f"'{trained}' keeps the words that it has: '{bare.with_name('words.txt')}' is not used"
    ]


def test_a_file_that_keeps_words_it_was_once_given_takes_no_others(bare: Path) -> None:
    words, kept = bare.with_name("words.txt"), bare.with_name("kept.pkl")
    Trained.load(bare, vocab=words).save(kept)
    assert given_words(kept, words).texts.notes == [
        f"'{kept}' keeps the words that it has: '{words}' is not used"
    ]
    assert not Trained.load(kept)._lm.texts.notes


@pytest.fixture
def endless(bare: Path) -> Trained:
    """The same without `<eos>`: the words of a model that was made with the book's preprocess."""
    path = bare.with_name("words.txt")
    path.write_text(path.read_text().replace("<eos>", "."))
    return Trained.load(bare, vocab=path)


@pytest.mark.parametrize("protocol", ["stream", "parallel"])
def test_without_an_end_of_line_the_first_word_is_not_scored(
    endless: Trained, protocol: Protocol
) -> None:
    text = 100 * "the old cat sees a dog. "
    scored = endless.evaluate(text=text, protocol=protocol)
    ids = endless._lm.texts.to_score(GivenText((text,))).ids
    assert len(ids) == 700
    np.testing.assert_array_equal(scored.targets, ids[1:])


def test_the_protocol_of_the_book_scores_no_first_word_anyway(endless: Trained) -> None:
    text = 100 * "the old cat sees a dog. "
    ids = endless._lm.texts.to_score(GivenText((text,))).ids
    with_end = evaluate(endless._lm.model, EncodedText(ids, eos_id=0), protocol="book")
    np.testing.assert_array_equal(endless.evaluate(text=text, protocol="book").nats, with_end.nats)


def test_one_word_without_an_end_of_line_cannot_be_scored(endless: Trained) -> None:
    with pytest.raises(CorpusError, match="one token, which has nothing before it, but"):
        endless.evaluate(text="cat")


def test_without_an_end_of_line_a_text_begins_with_its_start(endless: Trained) -> None:
    (text,) = endless.generate("The  old cat", length=30, seed=1)
    assert text.startswith("the old cat ")
    assert "." in text
    with pytest.raises(ConfigError, match="at least one start word"):
        endless.generate("")
    with pytest.raises(ConfigError, match="stop_at_eos is set, but the model knows no <eos>"):
        endless.generate("the", stop_at_eos=True)


def test_without_an_end_of_line_the_first_word_is_context_of_scores_too(endless: Trained) -> None:
    text = "the old cat sees a dog."
    scored = endless.evaluate(text=text)
    rows = endless.token_scores(text, guesses=1)
    assert [row.token for row in rows] == "old cat sees a dog .".split()
    assert sum(row.log_probability for row in rows) == pytest.approx(endless.score(text))
    assert endless.score(text) == pytest.approx(-scored.nats.sum())
    (found,) = endless.conditional_score("the old", ["cat"])
    assert found == pytest.approx(rows[1].log_probability, rel=1e-5)
    assert endless.next_words("the old", 1)[0][0] == rows[1].guesses[0]
    with pytest.raises(ConfigError, match="no <eos> to begin with"):
        endless.next_words()


def test_tricks_work_without_an_end_of_line(endless: Trained, tmp_path: Path) -> None:
    lines = simple_text(200).replace("\n", ".\n")
    (tmp_path / "lines.txt").write_text(lines)
    named = Place.of(str(tmp_path / "lines.txt"))
    lm = Trained(Opened(replace(endless._lm.texts, named=named)))
    scored, tricks = lm._lm.texts.to_score(), TrickConfig(temper=True, cache=True)
    for each in adapted(lm, scored, tricks):
        assert each.evaluation.tokens == len(scored.ids) - 1


def test_a_model_in_no_file_keeps_its_text_and_any_other_finds_it_again(
    checkpoint: Checkpoint, trained: Path
) -> None:
    own = ModelTexts(checkpoint, trained).trained_on()
    alone, filed = ModelTexts(checkpoint, None, own=own), ModelTexts(checkpoint, trained, own=own)
    for texts in (alone, filed):
        texts.forget()
    assert alone.trained_on() is own
    assert filed.trained_on() is not own
