"""How often a command reads a text, cuts one into tokens, and opens a model."""

import shutil
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

from rnnlm_cli.corpus import source
from rnnlm_cli.corpus.cutting.units import Tokenizer
from rnnlm_cli.runs import fine_tuning
from tests.cli.test_commands import ok
from tests.models import rnnlm, write_book_file


@pytest.fixture
def files(trained: Path, tmp_path: Path) -> SimpleNamespace:
    """A model, one that is like it, a file of the book, and their text in two places."""
    for name in ("m.pkl", "simple.txt"):
        shutil.copy(trained.with_name(name), tmp_path)
    shutil.copy(trained, tmp_path / "like.pkl")
    shutil.copy(trained.with_name("simple.txt"), tmp_path / "copy.txt")
    write_book_file(rnnlm(13, 4, 5), tmp_path / "book.pkl")
    names = {"m": "m.pkl", "like": "like.pkl", "book": "book.pkl", "text": "simple.txt"}
    return SimpleNamespace(
        **{k: tmp_path / v for k, v in names.items()}, copy=tmp_path / "copy.txt"
    )


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """What has been done how often."""
    counted: Counter[str] = Counter()

    def count(place: object, name: str, what: str) -> None:
        function = getattr(place, name)

        def counting(*arguments: object, **options: object) -> object:
            counted[what] += 1
            return function(*arguments, **options)

        monkeypatch.setattr(place, name, counting)

    count(source, "read_pieces", "texts")
    count(Tokenizer, "cut_block", "splits")
    count(fine_tuning, "load_checkpoint", "starts")
    return counted


@pytest.mark.parametrize(
    ("command", "splits"),
    [
        ("eval book --corpus text", 3),  # a file of the book has the words of that text
        ("eval book --corpus text --all-tricks", 3),
        ("inspect book --corpus text --nearest cat --nearest dog", 3),
        ("generate book --corpus text --length 2", 3),
        ("eval m", 1),
        ("eval m --all-tricks", 3),
        ("eval m --corpus copy --cache", 3),
        ("eval m like --ngram", 6),  # each in its own words
        ("eval m like --corpus copy --split valid", 2),
    ],
)
def test_a_text_is_read_once_and_a_split_cut_once(
    command: str, splits: int, files: SimpleNamespace, counts: Counter[str]
) -> None:
    ok(*(getattr(files, word, word) for word in command.split()))
    assert (counts["texts"], counts["splits"]) == (1, splits)


def test_the_model_to_begin_with_is_read_once(
    files: SimpleNamespace, counts: Counter[str], tmp_path: Path
) -> None:
    options = "--wordvec-size 16 --hidden-size 16 --batch-size 2 --time-size 7 --steps 1".split()
    out = tmp_path / "n.pkl"
    ok("train", "--init-from", files.m, "--corpus", files.copy, "--out", out, *options)
    assert counts == {"texts": 1, "splits": 3, "starts": 1}
