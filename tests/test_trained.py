import math
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnlm_cli import threads
from rnnlm_cli.checkpoint.contents import Checkpoint
from rnnlm_cli.checkpoint.opened import Opened
from rnnlm_cli.checkpoint.texts import ModelTexts
from rnnlm_cli.corpus import cut_text, given_text
from rnnlm_cli.errors import CheckpointError, ConfigError, RnnlmError, VocabularyError
from rnnlm_cli.tasks.continuing import State
from rnnlm_cli.trained import Trained, load, train
from tests.models import rnnlm, write_book_file

TEXT = "the old cat sees a dog"


@pytest.fixture
def lm(trained: Path) -> Trained:
    return Trained.load(trained)


def test_a_score_is_the_log_probability_of_all_tokens(lm: Trained) -> None:
    evaluated = lm.evaluate(text=TEXT)
    score = lm.score(TEXT)
    assert score == pytest.approx(-evaluated.nats_per_token * evaluated.tokens)
    assert lm.score(TEXT, base=10) == pytest.approx(score / math.log(10))
    assert lm.score(TEXT, eos=False) > score
    assert lm.perplexity(TEXT) == evaluated.perplexity


def test_a_model_with_a_corpus_to_score_scores_what_it_is_given_too(
    trained: Path, tmp_path: Path
) -> None:
    (other := tmp_path / "t.txt").write_text(f"{TEXT}\n")
    lm = load(trained, corpus=other)
    assert lm.perplexity(TEXT) == load(trained).perplexity(TEXT)
    assert lm.evaluate(other).tokens == lm.evaluate(text=TEXT).tokens


def test_a_text_of_records_is_scored_as_it_is_evaluated(lm: Trained) -> None:
    record = lm._lm.checkpoint.text
    assert record is not None
    config = replace(record.config, record="paragraph")
    lm = Trained(
        Opened(
            ModelTexts(replace(lm._lm.checkpoint, text=replace(record, config=config)), path=None)
        )
    )
    text = f"\n\n{TEXT}\n \n\na dog"
    evaluated, rows = lm.evaluate(text=text), lm.token_scores(text, context="text")
    assert evaluated.tokens == len(rows) == len(text.split()) + 4  # a blank line ends each of two
    assert lm.score(text) == pytest.approx(-evaluated.nats_per_token * evaluated.tokens)
    assert lm.score(text, eos=False) == pytest.approx(sum(r.log_probability for r in rows[:-2]))
    ((good, bad),) = lm.compare([(TEXT, "a dog")]).log_probabilities
    assert [good, bad] == pytest.approx(lm.score([TEXT, "a dog"]))


def test_an_export_keeps_what_is_there_and_the_model_and_its_text_in_any_case(
    trained: Path, tmp_path: Path
) -> None:
    model, text = (
        shutil.copy(trained.with_name(name), tmp_path) for name in ("m.pkl", "simple.txt")
    )
    kept = Path(model).read_bytes(), Path(text).read_bytes()
    (other := tmp_path / "words.txt").touch()
    lm = load(model)
    with pytest.raises(CheckpointError, match=r"is there already: choose another name"):
        lm.export(other)
    lm.export(other, overwrite=True)
    assert lm.corpus.name == "simple.txt"
    for read in (model, text):
        with pytest.raises(ConfigError, match="is read too, and would be gone"):
            lm.export(read, overwrite=True)
    assert (Path(model).read_bytes(), Path(text).read_bytes()) == kept


def test_a_model_that_was_just_trained_cuts_large_texts_on_its_threads(
    text_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lm = train(text_file, preset="tiny", steps=1, wordvec_size=8, hidden_size=8, threads=2)
    asked = list[int | None]()

    def processes_for(size: int, threads: int | None) -> int:
        asked.append(threads)
        return 1

    monkeypatch.setattr(given_text, "SMALL", 1)
    monkeypatch.setattr(cut_text, "processes_for", processes_for)
    lm.evaluate(text_file)
    assert asked == [2]
    assert lm._lm.model.cores.threads == 2


def kept_from_an_export(lm: Trained, path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(ConfigError, match="is read too, and would be gone"):
        lm.export(path, overwrite=True)
    assert path.read_bytes() == before


@pytest.mark.parametrize("out", [None, "m.pkl"])
def test_an_export_keeps_the_text_that_a_model_has_just_been_trained_on(
    text_file: Path, out: str | None
) -> None:
    path = None if out is None else text_file.with_name(out)
    lm = train(text_file, path, preset="tiny", steps=1, wordvec_size=8, hidden_size=8)
    kept_from_an_export(lm, text_file)
    lm._lm.texts.forget()
    kept_from_an_export(lm, text_file)


def test_an_export_keeps_a_text_that_was_evaluated_and_one_that_is_named(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (given := tmp_path / "given.txt").write_text(TEXT)
    (named := tmp_path / "named.txt").write_text(TEXT)
    monkeypatch.chdir(tmp_path)
    lm = load(trained, corpus="named.txt")
    lm.evaluate("given.txt")
    monkeypatch.chdir(tmp_path.parent)
    for path in (given, named):
        kept_from_an_export(lm, path)


def test_an_export_keeps_the_files_that_a_model_has_its_words_and_its_weights_from(
    tmp_path: Path, text_file: Path
) -> None:
    (vocab := tmp_path / "v.txt").write_text("the\ncat\nold\n<unk>\n<eos>\n")
    write_book_file(rnnlm(5, 4, 5), book := tmp_path / "book.pkl")
    kept_from_an_export(load(book, vocab=vocab), vocab)
    lm = train(text_file, init_from=book, vocab=vocab, steps=1, batch_size=2, time_size=7)
    for path in (vocab, book):
        kept_from_an_export(lm, path)


def test_a_save_keeps_every_file_that_was_read_but_that_of_the_model(
    tmp_path: Path, text_file: Path
) -> None:
    out, start = tmp_path / "m.pkl", tmp_path / "start.pkl"
    train(text_file, start, preset="tiny", steps=1, wordvec_size=8, hidden_size=8)
    (given := tmp_path / "given.txt").write_text(TEXT)
    lm = train(text_file, out, init_from=start, steps=1, batch_size=2, time_size=7)
    lm.evaluate(given)
    for path in (text_file, start, given):
        before = path.read_bytes()
        with pytest.raises(ConfigError, match="is read too, and would be gone"):
            lm.save(path)
        assert path.read_bytes() == before
    lm.save(out)
    assert load(out).score(TEXT) == lm.score(TEXT)


@pytest.mark.parametrize("vocab", [None, "v.txt"])
def test_a_readers_model_is_saved_as_what_it_is(tmp_path: Path, vocab: str | None) -> None:
    book, copy = tmp_path / "book.pkl", tmp_path / "copy.pkl"
    write_book_file(rnnlm(4, 4, 5), book)
    (tmp_path / "v.txt").write_text("the\ncat\nold\n<eos>\n")
    lm = Trained.load(book, vocab=vocab and tmp_path / vocab)
    lm.save(copy)
    if vocab is None:
        assert copy.read_bytes() == book.read_bytes()
    else:
        assert Trained.load(copy).score("the old cat") == lm.score("the old cat")
        assert not Trained.load(copy)._lm.texts.notes


def test_a_list_of_texts_has_a_list_of_scores(lm: Trained) -> None:
    texts = [TEXT, "a dog", TEXT]
    assert lm.score(texts) == pytest.approx([lm.score(text) for text in texts], rel=1e-5)
    assert lm.score([]) == []
    assert lm.score("", eos=False) == 0
    assert lm.score("") == pytest.approx(math.log(dict(lm.next_words(n=99))["<eos>"]))


def test_token_scores_sum_to_the_score_and_have_guesses(lm: Trained) -> None:
    rows = lm.token_scores(TEXT, guesses=3)
    assert sum(row.log_probability for row in rows) == pytest.approx(lm.score(TEXT))
    assert all(len(row.guesses) == len(row.guess_probabilities) == 3 for row in rows)
    lines = lm.token_scores("a dog\na dog")
    assert [row.sentence_id for row in lines] == [1, 1, 1, 2, 2, 2]
    assert lines[0].surprisal == pytest.approx(lines[3].surprisal, rel=1e-5)
    whole = lm.token_scores("a dog\na dog", context="text", eos=False)
    assert [row.token for row in whole] == ["a", "dog", "a", "dog"]


def test_a_continuation_is_what_it_adds_to_the_score(lm: Trained) -> None:
    dog, cat = lm.conditional_score("the old", ["cat sees a dog", "cat"])
    assert dog + lm.score("the old", eos=False) == pytest.approx(
        lm.score(TEXT, eos=False), rel=1e-5
    )
    assert lm.conditional_score("the old", "cat") == pytest.approx([cat], rel=1e-5)


def test_next_words_are_those_of_the_state_after_the_prefix(lm: Trained) -> None:
    (word, p), *_ = lm.next_words("the old", 3)
    assert math.log(p) == pytest.approx(lm.conditional_score("the old", word)[0], rel=1e-4)
    assert lm.state().after("the").after("old").next_words(3)[0][0] == word


def test_texts_are_drawn_by_the_options_of_generate(lm: Trained) -> None:
    once = lm.generate("the old", length=5, samples=3, temperature=0.8, seed=0)
    assert once == lm.generate("the old", length=5, samples=3, temperature=0.8, seed=0)
    assert len(once) == 3
    assert all(text.startswith("the old ") for text in once)


def test_words_are_asked_for_by_their_spelling(lm: Trained) -> None:
    assert "cat" in lm
    assert "zebra" not in lm
    assert 7 not in lm
    (best, cosine), _ = lm.most_similar("cat", topn=2)
    assert best in ("dog", "bird", "child")
    assert 0 < cosine < 1
    with pytest.raises(VocabularyError, match=r"'caat'.*'cat'"):
        lm.most_similar("caat")


def test_what_is_saved_is_the_same_model(lm: Trained, tmp_path: Path) -> None:
    lm.save(tmp_path / "copy.pkl")
    again = Trained.load(tmp_path / "copy.pkl")
    assert again.score(TEXT) == lm.score(TEXT)
    np.testing.assert_array_equal(again._lm.model.flat_params, lm._lm.model.flat_params)
    with pytest.raises(CheckpointError, match="could not be written"):
        lm.save(tmp_path / "nowhere" / "copy.pkl")


def test_a_file_is_evaluated_by_its_path(lm: Trained, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text(TEXT)
    assert lm.evaluate(tmp_path / "t.txt").nats_per_token == lm.evaluate(text=TEXT).nats_per_token


def test_a_table_of_words_gets_their_surprisals(lm: Trained) -> None:
    table = [{"item": 1, "word": "the"}, {"item": 1, "word": "cat"}]
    first, second = lm.add_surprisal(table, by=["item"])
    scores = lm.token_scores("the cat", eos=False)
    assert [first["surprisal"], second["surprisal"]] == pytest.approx(
        [score.surprisal for score in scores], rel=1e-5
    )


def test_pairs_are_compared(lm: Trained) -> None:
    found = lm.compare([(TEXT, "dog a sees cat old the"), ("a dog", "a dog")])
    assert (found.accuracy, found.ties) == (0.75, (1,))


_ROWS = [{"item": 1, "word": "the"}, {"item": 2, "word": "cat"}, {"item": 1, "word": "dog"}]
MISTAKES: list[Callable[[Trained, Path], Any]] = [
    lambda lm, folder: lm.score("zebra"),
    lambda lm, folder: lm.token_scores("the", guesses=-1),
    lambda lm, folder: lm.conditional_score("the", "zebra"),
    lambda lm, folder: lm.state().after("zebra"),
    lambda lm, folder: lm.next_words("the", n=0),
    lambda lm, folder: lm.compare([]),
    lambda lm, folder: lm.most_similar("zebra"),
    lambda lm, folder: lm.generate("the", length=0),
    lambda lm, folder: lm.generate("the", length=10**9, samples=10**6),
    lambda lm, folder: lm.generate("the", skip=lm.words.words),
    lambda lm, folder: lm.generate("zebra"),
    lambda lm, folder: lm.generate("the", skip=["zebra"]),
    lambda lm, folder: lm.add_surprisal(_ROWS, by="item"),
    lambda lm, folder: lm.add_surprisal(_ROWS, word="none"),
    lambda lm, folder: lm.perplexity(""),
    lambda lm, folder: lm.evaluate(text="zebra"),
    lambda lm, folder: lm.evaluate(text="the", protocol="book"),
    lambda lm, folder: lm.evaluate(text="the", split="test"),
    lambda lm, folder: lm.evaluate(text="the", protocol="strem"),  # type: ignore[arg-type]
    lambda lm, folder: lm.evaluate(split="tset"),  # type: ignore[arg-type]
    lambda lm, folder: lm.generate("the", temperature="1"),
    lambda lm, folder: lm.evaluate(folder / "t.txt", text="the"),
    lambda lm, folder: lm.evaluate(folder),
    lambda lm, folder: Trained.load(folder / "m.pkl").evaluate(),
    lambda lm, folder: Trained.load(folder / "t.txt"),
    lambda lm, folder: lm.evaluate(folder / "latin.txt"),
    lambda lm, folder: lm.evaluate(folder / "latin.txt", encoding="utf-16"),
    lambda lm, folder: lm.evaluate(text="the", encoding="utf-16"),
    lambda lm, folder: Trained.load(folder / "m.pkl", folder / "latin.txt").evaluate(),
    lambda lm, folder: Trained.load(folder / "book.pkl", folder / "latin.txt").words,
    lambda lm, folder: Trained.load(folder / "book.pkl", folder / "latin.txt").corpus,
    lambda lm, folder: Trained.load(folder / "book.pkl", folder / "latin.txt").token_scores("the"),
    lambda lm, folder: Trained.load(folder / "book.pkl", vocab=folder / "latin.txt"),
    lambda lm, folder: train(folder / "latin.txt"),
]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_no_mistake_in_python_is_told_in_options_of_the_command_line(
    mistake: Callable[[Trained, Path], Any], lm: Trained, tmp_path: Path
) -> None:
    for name in "t.txt", "train.txt", "valid.txt", "test.txt":
        (tmp_path / name).write_text("the cat\n")
    (tmp_path / "latin.txt").write_bytes("la f\u00eate\n".encode("cp1252") * 100)
    lm.save(tmp_path / "m.pkl")
    write_book_file(rnnlm(4, 4, 5), tmp_path / "book.pkl")
    with pytest.raises(RnnlmError) as error:
        mistake(lm, tmp_path)
    assert "--" not in str(error.value)


def test_what_is_wrong_with_an_argument_is_told_by_its_name(text_file: Path) -> None:
    for name in ("min_count", "out", "log", "vocab", "init_from", "progress"):
        wrong: dict[str, Any] = {name: -1}
        with pytest.raises(ConfigError, match=f"^{name} is -1, but must be "):
            train(text_file, **wrong)
    with pytest.raises(ConfigError, match=r"leave that out, .*\(init_from=\)"):
        train(text_file, vocab="x")


NEEDED: dict[str, Any] = {
    "path": "m.pkl",
    "text": "a",
    "prefix": "",
    "continuations": "a",
    "word": "cat",
}
PUBLIC = [
    (kind, name)
    for kind in (Trained, State)
    for name in vars(kind)
    if name[0] != "_" and name != "begin" and callable(getattr(kind, name))
]


@pytest.mark.parametrize(("kind", "name"), PUBLIC)
def test_every_argument_of_every_public_method_is_checked(
    kind: type, name: str, lm: Trained
) -> None:
    method = getattr(lm if kind is Trained else lm.state(), name)
    form = {k: v for k, v in signature(method).parameters.items() if k != "settings"}
    for argument in form.keys() - {"table"}:
        needed = {k: NEEDED.get(k, ()) for k, v in form.items() if v.default is Parameter.empty}
        with pytest.raises(ConfigError, match=rf"^{argument} is of type object, but must be "):
            method(**{**needed, argument: object()})


def test_of_several_texts_the_wrong_one_is_named(lm: Trained) -> None:
    with pytest.raises(VocabularyError, match=r"^text\[1\], line 1: the word 'zebra'"):
        lm.score(iter(["the cat", "zebra"]))
    with pytest.raises(ConfigError, match=r"^text\[1\] is nan, but must be text"):
        lm.score(["the cat", math.nan])  # type: ignore[list-item]
    with pytest.raises(ConfigError, match=r"^table\[1\] is 'the', but must be a dict"):
        lm.add_surprisal([{"word": "the"}, "the"])


def test_a_text_in_another_encoding_is_read_if_that_is_named(lm: Trained, tmp_path: Path) -> None:
    (tmp_path / "wide.txt").write_text(f"{TEXT}\n{TEXT}", encoding="utf-16")
    found = lm.evaluate(tmp_path / "wide.txt", encoding="utf-16")
    assert found.nats_per_token == lm.evaluate(text=f"{TEXT}\n{TEXT}").nats_per_token


def test_what_a_notebook_shows_of_a_model_is_a_line(trained: Path, text_file: Path) -> None:
    lm = Trained.load(trained)
    assert repr(lm).startswith(f"<model of {str(trained)!r}: ")
    assert repr(lm).endswith(" words, 1 x LSTM of 16>")
    assert repr(lm.state().after("the old")) == "State(text='the old')"
    shown = repr(lm.evaluate(text_file))
    assert "perplexity" in shown
    assert "array" not in shown


def test_what_cannot_be_drawn_is_refused_before_the_model_is_built(
    lm: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Checkpoint, "build_model", lambda *_: pytest.fail("the model was built"))
    with pytest.raises(ConfigError, match="drawing needs about"):
        lm.generate(samples=10**9)


@pytest.mark.parametrize(
    "compute",
    [
        lambda lm: lm.perplexity("the old cat"),
        lambda lm: lm.score("the old cat"),
        lambda lm: lm.generate(length=2),
        lambda lm: lm.state().after("the"),
    ],
)
def test_what_computes_has_its_threads_and_leaves_the_blas_as_it_was(
    compute: Callable[[Trained], object], trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lm, before, given = Trained.load(trained, threads=3), threads.blas_libraries(), list[int]()
    really = threads.set_blas_threads

    def give(number: int) -> None:
        given.append(number)
        really(number)

    monkeypatch.setattr(threads, "set_blas_threads", give)
    compute(lm)
    assert 3 in given
    assert threads.blas_libraries() == before


def test_what_is_refused_names_the_argument(trained: Path, tmp_path: Path) -> None:
    lm = load(trained)
    with pytest.raises(VocabularyError, match=r"^word: the word 'kingzz' is not in"):
        lm.most_similar("kingzz")
    with pytest.raises(ConfigError, match=r"x\.foo' is no name of a file to export to"):
        lm.export(tmp_path / "x.foo")
    with pytest.raises(CheckpointError, match="no such file: train a model first, or name another"):
        load(tmp_path / "nope.pkl")


def test_a_model_in_no_file_is_told_of_without_a_name(lm: Trained, tmp_path: Path) -> None:
    (other := tmp_path / "t.txt").write_text("zebra\n")
    model = Trained(Opened(ModelTexts(lm._lm.checkpoint, path=None)))
    with pytest.raises(VocabularyError, match=r"t\.txt' is not the text that the model was train"):
        model.evaluate(other)


def test_a_load_refuses_what_it_would_not_use(trained: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"m\.pkl' has words of its own, and keeps them: leave"):
        load(trained, vocab=tmp_path / "words.txt")
    with pytest.raises(ConfigError, match="encoding is of a corpus, but none is given"):
        load(trained, encoding="cp1252")


def test_what_scores_brings_no_runs() -> None:
    code = "import sys, rnnlm_cli.trained; print({'rnnlm_cli.runs', 'tqdm'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"
