"""What a text is cut by: pieces that are learnt of its training split, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from rnnlm_cli.corpus import chosen_unit
from rnnlm_cli.corpus.cutting.learning import learnt_merges
from rnnlm_cli.corpus.loading import Corpus, load_corpus
from rnnlm_cli.corpus.vocabulary import EOS, UNK
from rnnlm_cli.settings.text import SPLITS, CorpusConfig
from tests.small_runs import simple_text

CONFIG = CorpusConfig(unit="bpe", bpe_size=280)


def folder(tmp_path: Path, **texts: str) -> str:
    for split, text in (dict.fromkeys(SPLITS, "a b\n") | texts).items():
        (tmp_path / f"{split}.txt").write_text(text, encoding="utf-8")
    return str(tmp_path)


def joined(corpus: Corpus, split: str = "train") -> str:
    ids = corpus.ids(split)  # type: ignore[arg-type]
    return corpus.tokenizer.joined(corpus.vocabulary.decode(ids))


def test_the_vocabulary_has_every_byte_and_what_was_learnt(tmp_path: Path) -> None:
    place = folder(tmp_path, train=simple_text(), test="猫 Ünïcode 😀\n")
    corpus = load_corpus(place, CONFIG)
    assert corpus.vocabulary.words == corpus.tokenizer.known
    assert len(corpus.vocabulary) == 280
    assert corpus.vocabulary.ids[EOS] == ord("\n")
    assert corpus.tokenizer.merges == learnt_merges([simple_text()], 280)
    assert (joined(corpus), joined(corpus, "test")) == (simple_text(), "猫 Ünïcode 😀\n")
    sizes = corpus.sizes["test"]
    assert (sizes.unknown, sizes.characters, sizes.tokens) == (0, 12, 19)
    assert corpus.cut is not None
    assert (corpus.cut.rare, corpus.cut.beyond, corpus.cut.unseen) == (0, 0, 0)


def test_only_the_training_split_is_learnt_from(tmp_path: Path) -> None:
    place = folder(tmp_path, train="ab ab\n" * 9, valid="xy xy\n" * 99)
    words = load_corpus(place, CONFIG).vocabulary.words
    assert "ab" in words
    assert "xy" not in words


def test_unk_is_a_word_where_the_training_split_has_it(tmp_path: Path) -> None:
    place = folder(tmp_path, train=f"ab {UNK}\n" * 30, valid=f"{UNK} a\n")
    corpus = load_corpus(place, CONFIG)
    assert corpus.vocabulary.unk_id == len(corpus.vocabulary) - 1
    assert corpus.sizes["valid"].unknown == 1
    other = folder(tmp_path, train="ab\n" * 30, valid=f"{UNK} a\n")
    corpus = load_corpus(other, CONFIG)
    assert corpus.vocabulary.unk_id is None
    assert joined(corpus, "valid") == f"{UNK} a\n"


def test_capitals_are_made_small_before_anything_is_learnt(tmp_path: Path) -> None:
    place = folder(tmp_path, train="Ab AB\n" * 30)
    corpus = load_corpus(place, CorpusConfig(unit="bpe", bpe_size=280, lower=True))
    assert "ab" in corpus.vocabulary
    assert joined(corpus) == "ab ab\n" * 30


def test_merges_are_learnt_once_for_a_text_and_a_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, sizes = folder(tmp_path, train=simple_text()), list[int]()

    def counted(blocks: object, size: int) -> object:
        sizes.append(size)
        return learnt_merges(blocks, size)  # type: ignore[arg-type]

    monkeypatch.setattr(chosen_unit, "learnt_merges", counted)
    first, second = load_corpus(place, CONFIG), load_corpus(place, CONFIG)
    assert first.tokenizer == second.tokenizer
    load_corpus(place, CorpusConfig(unit="bpe", bpe_size=281))
    load_corpus(place, CorpusConfig(unit="bpe", bpe_size=281, lower=True))
    assert sizes == [280, 281, 281]


def test_merges_in_the_cache_that_make_no_pieces_are_learnt_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = folder(tmp_path, train=simple_text())
    monkeypatch.setattr(chosen_unit, "load_merges", lambda key: ((97, 999),))
    assert load_corpus(place, CONFIG).tokenizer.merges == learnt_merges([simple_text()], 280)


def test_a_tokenizer_that_is_given_learns_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = folder(tmp_path, train=simple_text())
    first = load_corpus(place, CONFIG)
    monkeypatch.setattr(chosen_unit, "learnt_merges", None)
    again = load_corpus(place, CONFIG, tokenizer=first.tokenizer)
    assert again.vocabulary == first.vocabulary
    given = load_corpus(place, CONFIG, tokenizer=first.tokenizer, vocabulary=first.vocabulary)
    assert given.ids("train").tolist() == first.ids("train").tolist()
