"""Texts as they come: the named corpora, a licence, a README."""

from pathlib import Path

import pytest

from rnnlm_cli.corpus.cutting.units import Tokenizer
from rnnlm_cli.corpus.loading import Corpus, load_corpus
from rnnlm_cli.corpus.reading.named import find_named
from rnnlm_cli.corpus.vocabulary import EOS, UNK
from rnnlm_cli.settings.text import CorpusConfig, Split
from tests.clock import within

SPLITS: tuple[Split, ...] = ("train", "valid", "test")
DEFAULT = CorpusConfig()

README = """# Marmalade

A small tool that makes *marmalade* out of oranges and sugar.

## Use

Call it with the name of a pot, and with as many oranges as you have:

    marmalade --pot large orange orange orange

It answers with the time that the marmalade needs, in minutes.

- `--pot` is the pot: small, medium, large.
- `--sugar` is the sugar, in grams; it takes what is there if you do not say.
- `--stir` says how often it stirs.

## Questions

**Does it take lemons?** It does, but then it needs more sugar.

**Does it burn?** Not if it stirs. See `--stir`.

**Who made it?** People who like breakfast.

## Licence

Do what you like, but do not blame us
if it burns all the same.
"""


def words(corpus: Corpus, split: Split) -> list[str]:
    return corpus.vocabulary.decode(corpus.ids(split))


def test_a_readme_is_split_and_nothing_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "readme.md"
    path.write_text(README)
    corpus = load_corpus(str(path), DEFAULT)
    assert corpus.tokenizer.unit == "word"
    assert all((corpus.ids(split) != corpus.vocabulary.eos_id).any() for split in SPLITS)
    assert sum(len(corpus.ids(split)) for split in SPLITS) == len(
        Tokenizer("word").tokenize(README)
    )
    assert words(corpus, "train")[:4] == [UNK, UNK, EOS, EOS]  # both stand there once


def test_pydoc_needs_no_file_and_no_network(empty_home: Path) -> None:
    corpus = load_corpus("pydoc", DEFAULT)
    assert (corpus.name, corpus.tokenizer.unit) == ("pydoc", "word")
    assert 40_000 < len(corpus.ids("train")) < 80_000
    assert all(1_000 < len(corpus.ids(split)) < 8_000 for split in ("valid", "test"))
    assert 1_500 < len(corpus.vocabulary) < 4_000
    assert list(empty_home.iterdir()) == []


def test_a_licence_text_loads() -> None:
    path = Path("/usr/share/common-licenses/GPL-3")
    if not path.exists():
        pytest.skip(f"{path} is not on this machine")
    corpus = load_corpus(str(path), DEFAULT)
    assert corpus.tokenizer.unit == "word"
    assert all(len(corpus.ids(split)) > 200 for split in SPLITS)


def files_of(name: str) -> dict[Split, Path]:
    files = find_named(name)
    if files is None:
        pytest.skip(f"the files of {name} are not in $RNNLM_CORPORA or ./corpora")
    return files


@pytest.mark.ptb
def test_ptb_has_the_ids_of_the_book() -> None:
    files = files_of("ptb")
    corpus = load_corpus("ptb", DEFAULT)
    book = {s: path.read_text().replace("\n", "<eos>").strip().split() for s, path in files.items()}
    ids = {word: i for i, word in enumerate(dict.fromkeys(book["train"]))}
    assert list(corpus.vocabulary.words) == list(ids)
    assert len(ids) == 10_000
    assert [len(corpus.ids(split)) for split in SPLITS] == [929_589, 73_760, 82_430]
    for split in SPLITS:
        assert corpus.ids(split).tolist() == [ids[word] for word in book[split]]


@pytest.mark.ptb
def test_ptb_is_encoded_fast() -> None:
    files_of("ptb")
    with within(2.5):
        load_corpus("ptb", DEFAULT)
    with within(0.6):  # from the cache
        load_corpus("ptb", DEFAULT)


@pytest.mark.parametrize(
    ("name", "unit", "tokens", "types"),
    [("shakespeare", "word", 291_567, 7_105), ("neko", "char", 328_721, 2_442)],
)
def test_a_book_is_split_whole(name: str, unit: str, tokens: int, types: int) -> None:
    text = files_of(name)["train"].read_bytes().decode().replace("\r\n", "\n")
    corpus = load_corpus(name, DEFAULT)
    assert (corpus.tokenizer.unit, len(corpus.vocabulary)) == (unit, types)
    assert sum(len(corpus.ids(split)) for split in SPLITS) == tokens
    # Where a quote is open at the end of a block, the next block of its split does not know it.
    assert abs(tokens - len(corpus.tokenizer.tokenize(text))) <= 2
    join = corpus.tokenizer.detokenizer().feed
    shown = "".join(map(join, words(corpus, "valid")[:20]))
    assert UNK in shown or shown in text
