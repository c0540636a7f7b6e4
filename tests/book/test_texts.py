"""`preprocess` and `ptb.load_data`: texts as the book's scripts get them."""

import pytest

from rnnlm_cli.book import load_data, preprocess, ptb
from rnnlm_cli.corpus.reading.named import find_named
from rnnlm_cli.errors import CorpusError


def test_a_sentence_becomes_ids_in_the_order_of_first_appearance() -> None:
    corpus, word_to_id, id_to_word = preprocess("You say goodbye and I say hello.")
    assert corpus.tolist() == [0, 1, 2, 3, 4, 1, 5, 6]
    words = ["you", "say", "goodbye", "and", "i", "hello", "."]
    assert list(word_to_id) == list(id_to_word.values()) == words
    assert id_to_word[word_to_id["hello"]] == "hello"


@pytest.mark.ptb
def test_ptb_is_as_the_book_has_it() -> None:
    if find_named("ptb") is None:
        pytest.skip("no PTB in RNNLM_CORPORA or ./corpora")
    corpus, word_to_id, id_to_word = load_data("train")
    assert len(corpus) == 929_589
    assert len(word_to_id) == len(id_to_word) == max(corpus) + 1 == 10_000
    first = [id_to_word[i] for i in corpus[:30]]
    assert first[0] == "aer"
    assert first[24] == "<eos>"
    assert corpus[:24].tolist() == list(range(24))
    corpus[0] = 5  # it is the script's own
    valid, of_valid, _ = ptb.load_data("val")
    assert len(valid) == 73_760
    assert of_valid == word_to_id == ptb.load_vocab()[0]
    assert len(ptb.load_data("test")[0]) == 82_430


def test_another_split_is_refused() -> None:
    with pytest.raises(CorpusError, match="data_type is 'dev', but PTB has 'train', 'valid'"):
        load_data("dev")
