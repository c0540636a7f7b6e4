"""A run that begins with a model: its words, its sizes, its weights."""

import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.arrays import Floats, Ids
from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.errors import CheckpointError, ConfigError, VocabularyError
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.pickling import write_arrays
from rnnlm_cli.runs import RunFinished, RunStarted, RunStopped, begin, requested, resume
from rnnlm_cli.runs.around import Around
from rnnlm_cli.runs.fine_tuning import SIZES
from rnnlm_cli.settings.model import ModelConfig
from rnnlm_cli.settings.presets import DEFAULT
from rnnlm_cli.settings.run import RunRequest
from rnnlm_cli.settings.setting import declared
from tests.peaks import peak_bytes
from tests.small_runs import simple_text, small_run, train

RECIPE = {"batch_size": 2, "time_size": 7, "epochs": 2, "optimizer": "sgd", "lr": 1.0}


def fine_tuned(init_from: Path, **given: Any) -> RunRequest:
    return requested({"init_from": init_from, **given}).request


@pytest.fixture
def start(tmp_path: Path) -> Path:
    """A model of 13 words, <eos> and <unk>, with a split softmax."""
    text = tmp_path / "first.txt"
    text.write_text(f"rarities sleep here\n{simple_text()}", encoding="utf-8")
    list(train(small_run(text, tmp_path / "start.pkl", head_size=5, min_count=2)))
    return tmp_path / "start.pkl"


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A text with the words of the first, in another order, and one that it does not have."""
    path = tmp_path / "other.txt"
    lines = simple_text(60).splitlines()[::-1]
    path.write_text("".join(f"{line} unheard\n" for line in lines), encoding="utf-8")
    return path


def test_weights_words_and_sizes_are_those_of_the_model(start: Path, other: Path) -> None:
    config = fine_tuned(start, corpus=str(other), out=other.with_suffix(".pkl"), **RECIPE)
    begun = next(iter(train(config)))
    model = load_checkpoint(start)
    assert isinstance(begun, RunStarted)
    assert model.text is not None
    assert begun.corpus.vocabulary.words == model.text.words
    assert begun.config.model == model.model
    for mine, theirs in zip(begun.model.params, model.params, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_the_weights_of_the_model_are_held_by_the_run_alone(other: Path) -> None:
    sizes = {"wordvec_size": 250, "hidden_size": 250, "steps": 1}
    list(train(small_run(other, start := other.with_name("large.pkl"), **sizes)))
    P = sum(array.nbytes for array in load_checkpoint(start).params)
    run = {"init_from": start, "corpus": str(other), "out": other.with_suffix(".pkl"), **RECIPE}
    new, held = None, list[int]()
    list(begin(requested(run | {"out": other.with_name("first.pkl")})))  # loads what it needs

    def begun() -> None:
        nonlocal new
        new = requested(run)  # held by whoever asks for the run
        next(iter(begin(new)))
        held.append(tracemalloc.get_traced_memory()[0])

    peak_bytes(begun)
    assert new is not None
    assert held[0] < 0.5 * P


def test_a_request_that_names_a_model_has_its_sizes(start: Path, other: Path) -> None:
    asked = RunRequest.of("tiny", init_from=start, corpus=str(other), out=other.with_suffix(".pkl"))
    begun = next(iter(train(asked)))
    assert isinstance(begun, RunStarted)
    assert begun.config.model == load_checkpoint(start).model


def test_the_share_of_unknown_tokens_is_told(start: Path, other: Path) -> None:
    config = fine_tuned(start, corpus=str(other), out=other.with_suffix(".pkl"), **RECIPE)
    begun = next(iter(train(config)))
    assert isinstance(begun, RunStarted)
    ids, unk_id = begun.corpus.ids("train"), begun.corpus.vocabulary.unk_id
    share = np.mean(ids == unk_id)
    assert 0.05 < share < 0.5
    assert any(f"{share:.1%} of the training tokens are unknown" in note for note in begun.notes)


def test_it_learns_the_other_text_from_where_the_model_was(start: Path, other: Path) -> None:
    tuned = fine_tuned(start, corpus=str(other), out=other.with_suffix(".pkl"), **RECIPE)
    new = replace(tuned, init_from=None, out=other.with_name("new.pkl"))
    results = [list(train(config))[-1] for config in (tuned, new)]
    assert all(isinstance(result, RunFinished) for result in results)
    first, second = (load_checkpoint(config.out).history[0] for config in (tuned, new))
    assert first.train_nats < second.train_nats - 0.3


def test_it_resumes_to_the_bit(start: Path, other: Path) -> None:
    config = fine_tuned(start, corpus=str(other), out=other.with_suffix(".pkl"), **RECIPE)
    list(train(config))
    whole = load_checkpoint(config.out)
    again = replace(config, out=other.with_name("again.pkl"))
    steps = iter(range(10**6))
    assert isinstance(list(train(again, Around(stop=lambda: next(steps) > 9)))[-1], RunStopped)
    list(resume(again.out, {"init_from": start}))
    parts = load_checkpoint(again.out)
    assert parts.run == whole.run
    for mine, theirs in zip(parts.params, whole.params, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_other_sizes_and_other_words_are_refused(start: Path) -> None:
    with pytest.raises(ConfigError, match=r"\(hidden-size is 8, not 9; unit is word, not char\)"):
        fine_tuned(start, hidden_size=9, wordvec_size=8, unit="char")
    with pytest.raises(ConfigError, match=r"\(cluster-edges is not given, not 5,7\)"):
        fine_tuned(start, cluster_edges=(5, 7))
    with pytest.raises(ConfigError, match=r"\(min-count is 2, not 3; record is not given, not l"):
        fine_tuned(start, min_count=3, record="line")
    assert fine_tuned(start, dropout=0.5).recipes[DEFAULT].model.dropout == 0.5


def test_a_model_that_knows_no_unknown_word_names_the_one_it_lacks(
    text_file: Path, tmp_path: Path, other: Path
) -> None:
    list(train(small_run(text_file, tmp_path / "m.pkl", min_count=1)))
    config = fine_tuned(tmp_path / "m.pkl", corpus=str(other), out=tmp_path / "n.pkl", **RECIPE)
    with pytest.raises(VocabularyError, match="unheard"):
        list(train(config))


def test_a_word_that_it_lacks_in_the_test_split_is_named_before_it_trains(
    text_file: Path, tmp_path: Path
) -> None:
    list(train(small_run(text_file, tmp_path / "m.pkl", min_count=1)))
    lines = simple_text(100).splitlines()
    lines[19] += " unheard"  # of blocks of a line the 20th is for the test
    (tmp_path / "other.txt").write_text("\n".join(lines))
    config = fine_tuned(tmp_path / "m.pkl", corpus=str(tmp_path / "other.txt"), **RECIPE)
    with pytest.raises(VocabularyError, match="test split, line 1: the word 'unheard'"):
        next(iter(train(replace(config, out=tmp_path / "n.pkl"))))
    assert not list(tmp_path.glob("n*"))


@pytest.mark.parametrize("name", list(declared(ModelConfig)))
def test_the_settings_that_weights_belong_to_are_kept_and_no_others(name: str) -> None:
    before = ModelConfig(wordvec_size=8, hidden_size=8, layers=2, tied=name == "projection")
    changes: dict[str, Any] = {name: _another(getattr(before, name))}
    other = replace(before, **changes)
    model = LanguageModel(9, before, rng=np.random.default_rng(3))
    ids = np.arange(8).reshape(1, 8)
    assert (name in SIZES) == (_nats(other, model.params, ids) != _nats(before, model.params, ids))


def _another(value: Any) -> Any:
    """A value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, tuple):
        return (*value, 5)
    return (value or 0) + (1 if type(value) is int else 0.5)


def _nats(config: ModelConfig, weights: list[Floats], ids: Ids) -> list[float] | None:
    """What a model of `config` makes of `ids` with those weights; None if they do not fit."""
    model = LanguageModel(9, config)
    try:
        model.assign(weights)
    except CheckpointError:
        return None
    scored: list[float] = model.nats(ids, ids + 1).ravel().tolist()
    return scored


@pytest.fixture
def bare(text_file: Path, tmp_path: Path) -> Path:
    """A model as a reader of the book has it, and its words with "." for `<eos>` beside it."""
    list(train(small_run(text_file, tmp_path / "whole.pkl")))
    checkpoint = load_checkpoint(tmp_path / "whole.pkl")
    assert checkpoint.text is not None
    words = [word if word != "<eos>" else "." for word in checkpoint.text.words]
    (tmp_path / "words.txt").write_text("\n".join(words))
    write_arrays(tmp_path / "book.pkl", checkpoint.params)
    return tmp_path / "book.pkl"


def test_a_model_without_words_begins_with_those_of_the_text(bare: Path, text_file: Path) -> None:
    asked = fine_tuned(bare, corpus=str(text_file), out=bare.with_name("n.pkl"), **RECIPE)
    begun, *_, ended = list(train(asked))
    assert isinstance(begun, RunStarted)
    assert isinstance(ended, RunFinished)
    assert f"'{bare}' holds no words: it gets those of '{text_file}'" in begun.notes[-1]
    assert ended.checkpoint.text == load_checkpoint(bare.with_name("whole.pkl")).text


def test_a_model_without_words_refuses_a_text_that_has_more_or_fewer(
    bare: Path, other: Path
) -> None:
    with pytest.raises(CheckpointError, match=r"book\.pkl' was trained on \d+ words, but 'other"):
        next(train(fine_tuned(bare, corpus=str(other), out=bare.with_name("n.pkl"), **RECIPE)))


def test_a_model_with_words_of_a_file_becomes_a_checkpoint_that_has_them(
    bare: Path, text_file: Path
) -> None:
    text_file.write_text(text_file.read_text().replace("\n", ".\n"))
    words, out = bare.with_name("words.txt"), bare.with_name("n.pkl")
    asked = fine_tuned(bare, vocab=words, corpus=str(text_file), out=out, **RECIPE)
    begun, *_, ended = list(train(asked))
    assert isinstance(begun, RunStarted)
    assert isinstance(ended, RunFinished)
    assert f"'{words}' (unit preprocess), of which only the number" in begun.notes[-1]
    text = load_checkpoint(out).text
    assert text is not None
    assert text.words == tuple(words.read_text().split("\n"))
    assert (text.config.unit, text.config.lower) == ("preprocess", True)


def test_a_run_goes_on_with_the_same_words_given_again(bare: Path, text_file: Path) -> None:
    words, out = bare.with_name("words.txt"), bare.with_name("n.pkl")
    given: dict[str, Any] = {"init_from": bare, "vocab": words}
    list(begin(requested(given | RECIPE | {"corpus": str(text_file), "out": out})))
    events = list(resume(out, given | {"epochs": 3}))
    assert isinstance(events[-1], RunFinished)
    words.write_text("\n".join(reversed(words.read_text().split("\n"))))
    with pytest.raises(ConfigError, match=r"vocab was words\.txt, now"):
        next(resume(out, given | {"epochs": 4}))


def test_words_are_given_to_a_model_that_has_none(start: Path, bare: Path, text_file: Path) -> None:
    words = bare.with_name("words.txt")
    with pytest.raises(ConfigError, match="has words of its own, and keeps them: leave vocab out"):
        requested({"init_from": start, "vocab": words})
    with pytest.raises(ConfigError, match="a new model takes its words from its text"):
        requested({"vocab": words, "corpus": str(text_file)})
    with pytest.raises(ConfigError, match="unit is preprocess, not word"):
        requested({"init_from": bare, "vocab": words, "unit": "word"})
