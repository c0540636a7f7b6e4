"""Words of one's own on the command line: a reader's model, its words, and what is said of them."""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.corpus.loading import load_corpus
from rnnlm_cli.settings.text import CorpusConfig
from tests.cli.test_commands import ok, run
from tests.models import rnnlm, write_book_file

TEXT = "You say goodbye and I say hello.\nYou know.\n"
RUN = "--batch-size 2 --time-size 5 --steps 2".split()


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """What a reader has: a pickled list of float16 arrays, the words of `preprocess` beside it."""
    words = list(dict.fromkeys("you say goodbye and i hello . know".split()))
    V, D, H = len(words), 5, 7
    sizes = (V, D), (D, 4 * H), (H, 4 * H), (4 * H,), (H, V), (V,)
    rng = np.random.default_rng(0)
    params = [rng.normal(size=size).astype("f2") for size in sizes]
    (tmp_path / "Rnnlm.pkl").write_bytes(pickle.dumps(params))
    ids = {word: i for i, word in enumerate(words)}
    (tmp_path / "vocab.pkl").write_bytes(pickle.dumps((ids, dict(enumerate(words)))))
    (tmp_path / "text.txt").write_text(TEXT)
    (tmp_path / "long.txt").write_text(60 * TEXT)
    return tmp_path / "Rnnlm.pkl"


def test_a_readers_model_is_scored_drawn_from_and_looked_into(model: Path) -> None:
    words, text = ("--vocab", model.with_name("vocab.pkl")), model.with_name("text.txt")
    note = "(unit preprocess), of which only the number, 8, could be checked"
    scored = run("eval", model, *words, "--file", text, "--json")
    assert json.loads(scored.stdout)["tokens"] == 10  # of 11, the first of which has no context
    written = run("generate", model, *words, "--start", "You say", "--length", 5, "--seed", 1)
    assert written.stdout.startswith("you say")
    alike = run("inspect", model, *words, "--nearest", "Hello", "--json")
    assert len(json.loads(alike.stdout)["nearest"]["Hello"]) == 7
    for result in (scored, written, alike):
        assert note in result.stderr


def test_a_readers_model_goes_on_as_a_checkpoint_with_its_words(model: Path) -> None:
    words, out = model.with_name("vocab.pkl"), model.with_name("n.pkl")
    place = "--corpus", model.with_name("long.txt"), "--out", out
    result = run("train", "--init-from", model, "--vocab", words, *place, *RUN)
    assert result.exit_code == 0
    assert "of which only the number, 8, could be checked" in result.stderr
    text = load_checkpoint(out).text
    assert text is not None
    assert text.words == tuple(pickle.loads(words.read_bytes())[0])
    assert "perplexity" in ok("eval", out)
    assert ok("generate", out, "--start", "I", "--length", 5).startswith("i")  # "i." too


def test_a_models_own_words_are_kept_beside_one_that_is_given_words(
    model: Path, trained: Path
) -> None:
    words, text = model.with_name("vocab.pkl"), model.with_name("text.txt")
    text.write_text("<unk>")
    result = run("inspect", trained, "--vocab", words)
    assert f"'{trained}' keeps the words that it has: '{words}' is not used" in result.stderr


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"you\nsay\n", ": 2 words, but the model has 8: it is another vocabulary"),
        (8 * b"you\n", "the word 'you' has two ids"),
        (pickle.dumps({f"{i}": 2 * i for i in range(8)}), "'4' has the id 8, but 8 words have"),
        (pickle.dumps([1.5]), "found the opcode b'G', but a vocabulary is a dict"),
    ],
)
def test_words_that_do_not_fit_are_told_in_one_line(
    model: Path, content: bytes, message: str
) -> None:
    words = model.with_name("words")
    words.write_bytes(content)
    for arguments in (("eval", model, "--text", "you"), ("generate", model), ("inspect", model)):
        result = run(*arguments, "--vocab", words)
        assert result.exit_code == 1
        assert message in result.stderr
        assert result.stderr.count("\n") == 1


def test_words_without_a_model_to_give_them_to_are_bad_usage(model: Path) -> None:
    result = run("train", "--vocab", model.with_name("vocab.pkl"))
    assert result.exit_code == 2
    assert "a new model takes its words from its text" in result.stderr


def test_a_new_model_is_not_cut_by_the_rule_of_old_ones(model: Path) -> None:
    result = run("train", "--unit", "preprocess", "--corpus", model.with_name("long.txt"))
    assert result.exit_code == 2
    assert "unit is preprocess, which knows no lines" in result.stderr


def test_a_run_writes_over_no_words(model: Path) -> None:
    words = model.with_name("vocab.pkl")
    common = "--init-from", model, "--vocab", words, "--corpus", model.with_name("long.txt"), *RUN
    for target in (("--out", words), ("--out", model.with_name("n.pkl"), "--log", words)):
        assert run("train", *common, *target).exit_code == 1
    assert pickle.loads(words.read_bytes())[0]["you"] == 0


@pytest.mark.parametrize("command", ["score --text café", "eval", "generate --length 2"])
def test_the_words_of_a_books_file_are_read_in_the_encoding_that_is_named(
    tmp_path: Path, command: str
) -> None:
    text = tmp_path / "cafe.txt"
    text.write_text("le café est là\n" * 40, encoding="cp1252")
    write_book_file(rnnlm(5, 4, 5), book := tmp_path / "book.pkl")
    verb, *options = command.split()
    ok(verb, book, *options, "--corpus", text, "--encoding", "cp1252")


@pytest.mark.parametrize("command", ["score", "eval", "generate --length 2"])
def test_beside_a_corpus_by_name_the_encoding_is_that_of_the_file(
    tmp_path: Path, command: str
) -> None:
    words = load_corpus("pydoc", CorpusConfig()).vocabulary.words
    write_book_file(rnnlm(len(words), 4, 5), book := tmp_path / "book.pkl")
    (text := tmp_path / "text.txt").write_text("the value is", encoding="utf-16")
    verb, *options = command.split()
    ok(verb, book, *options, "--corpus", "pydoc", "--file", text, "--encoding", "utf-16")
    refused = run(verb, book, *options, "--corpus", "pydoc", "--file", text, "--encoding", "utf8x")
    assert "encoding is 'utf8x', but must be" in refused.stderr
