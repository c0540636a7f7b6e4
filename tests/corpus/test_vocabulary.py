"""Ids by first appearance; what is cut; what a message says about an unknown word."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlm_cli.corpus.vocabulary import EOS, UNK, Vocabulary
from rnnlm_cli.errors import VocabularyError


def words_of(text: str, min_count: int = 1, max_vocab: int = 99) -> str:
    vocabulary = Vocabulary.from_counts(
        Counter(text.split()), min_count=min_count, max_vocab=max_vocab
    )
    return " ".join(vocabulary.words)


def test_ids_follow_first_appearance() -> None:
    assert words_of("you say <eos> say goodbye you <eos>") == "you say <eos> goodbye"


def test_eos_comes_last_where_no_line_ends() -> None:
    assert words_of("b a b") == "b a <eos>"


def test_there_is_no_unk_where_nothing_is_cut() -> None:
    assert Vocabulary.from_counts(Counter(["a", EOS]), min_count=1, max_vocab=2).unk_id is None


@pytest.mark.parametrize(
    ("text", "min_count", "max_vocab", "words"),
    [
        ("a b a c <eos>", 2, 99, "a <unk> <eos>"),  # at the place of the first cut word, b
        ("a b <unk> a <eos>", 2, 99, "a <unk> <eos>"),  # b comes before the literal <unk>
        ("a <unk> b a <eos>", 2, 99, "a <unk> <eos>"),
        ("a <unk> b a <eos>", 1, 99, "a <unk> b <eos>"),
        ("a b c <eos>", 2, 99, "<unk> <eos>"),  # <eos> is never cut
        ("a b c b c d <eos>", 1, 4, "<unk> b c <eos>"),  # the most frequent stay
        ("a b c d <eos>", 1, 4, "a b <unk> <eos>"),  # of equals the first
        ("a b c <eos>", 1, 4, "a b c <eos>"),  # it fits, <eos> counted
        ("a b c", 1, 3, "a <unk> <eos>"),  # an <eos> that never appears counts too
        ("a b <unk> <eos>", 1, 4, "a b <unk> <eos>"),
        ("a b c <unk> <eos>", 1, 4, "a b <unk> <eos>"),  # and so does <unk>
        ("a a b b c <eos>", 2, 3, "a <unk> <eos>"),  # both limits
        ("a b <eos>", 1, 2, "<unk> <eos>"),
    ],
)
def test_rare_words_are_cut(text: str, min_count: int, max_vocab: int, words: str) -> None:
    assert words_of(text, min_count, max_vocab) == words


@given(
    st.lists(st.sampled_from(["a", "b", "c", "d", "e", EOS, UNK])),
    st.integers(1, 4),
    st.integers(2, 6),
)
def test_the_order_is_that_of_the_encoded_text(
    tokens: list[str], min_count: int, max_vocab: int
) -> None:
    vocabulary = Vocabulary.from_counts(Counter(tokens), min_count=min_count, max_vocab=max_vocab)
    first_seen = list(dict.fromkeys(vocabulary.encode(tokens).tolist()))
    assert first_seen == sorted(first_seen)
    assert len(vocabulary) <= max_vocab
    counts = Counter(tokens)
    assert all(counts[w] >= min_count for w in vocabulary.words if w not in (EOS, UNK))


def test_the_hash_of_a_vocabulary_is_of_its_words_in_any_order() -> None:
    assert Vocabulary(("a", EOS)).sha256 == Vocabulary((EOS, "a")).sha256
    assert Vocabulary(("a", EOS)).sha256 != Vocabulary((EOS, "b")).sha256


def test_encode_gives_int32_and_decode_undoes_it() -> None:
    vocabulary = Vocabulary(("you", EOS, "say"))
    ids = vocabulary.encode(["say", "you", EOS])
    assert ids.dtype == np.int32
    assert ids.tolist() == [2, 0, 1]
    assert vocabulary.decode(ids) == vocabulary.decode(iter([2, 0, 1])) == ["say", "you", EOS]
    assert vocabulary.decode([]) == []


def test_an_unknown_word_is_unk() -> None:
    assert Vocabulary(("a", EOS, UNK)).encode(["b", "a"]).tolist() == [2, 0]


def test_without_unk_an_unknown_word_is_an_error_that_names_word_line_and_remedy() -> None:
    vocabulary = Vocabulary(("goodbye", EOS))
    with pytest.raises(VocabularyError, match=r"^n\.txt, line 3: the word 'hi\\x1b' .* --min-c"):
        vocabulary.encode(["goodbye", EOS, EOS, "hi\x1b"], "n.txt", "use --min-count 2")
    with pytest.raises(VocabularyError, match=r"^line 1: .*'goodby' .* such as 'goodbye'$"):
        vocabulary.encode(["goodby"])


def test_without_an_end_of_line_what_is_no_word_is_cut_at_white_space() -> None:
    vocabulary = Vocabulary(("you", ".\nsay", "say", "."))
    tokens = ["you", "say", ".\nsay", "you\n\nsay", "", "\t", EOS, ".\nyou"]
    assert vocabulary.eos_id is None
    assert vocabulary.fitted(tokens) == ["you", "say", ".\nsay", "you", "say", ".", "you"]
    assert vocabulary.encode(tokens).tolist() == [0, 2, 1, 0, 2, 3, 0]
    assert vocabulary.fitted(["you", "<eos>\nsay"]) == ["you", "say"]
    assert Vocabulary(("a", "\n")).fitted(["<eos>\na"]) == ["\n", "a"]
    assert Vocabulary(("a", "\n", "")).fitted(["a", EOS, ""]) == ["a", "\n", ""]
    with pytest.raises(VocabularyError, match=r"^line 3: the word 'zebra' is not"):
        vocabulary.encode(["you\nyou", EOS, "say", "zebra"])
    for token in ("you\nzebra\n", "zebras\nzebra", "\nzebra"):
        with pytest.raises(VocabularyError, match=r"^line 2: the word 'zebra' is not"):
            Vocabulary(("you", "zebras")).encode([token])


def test_with_an_end_of_line_tokens_are_what_they_are() -> None:
    tokens = ["a b", EOS, ""]
    assert Vocabulary(("a", "b", EOS)).fitted(tokens) is tokens


@pytest.mark.parametrize("number", [-1, 2])
def test_an_id_without_a_word_is_an_error(number: int) -> None:
    with pytest.raises(VocabularyError, match=f"id {number} names no word: .* from 0 to 1"):
        Vocabulary(("a", EOS)).decode([0, number])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("a", EOS, "a"), "'a' has two ids, 0 and 2"),
        ((EOS, 5), "word 1 is '5', but must be text"),
    ],
)
def test_senseless_words_are_refused(words: tuple[str, ...], message: str) -> None:
    with pytest.raises(VocabularyError, match=message):
        Vocabulary(words)


def test_a_vocabulary_is_a_value() -> None:
    vocabulary = Vocabulary(("a", EOS))
    assert vocabulary == Vocabulary(("a", EOS)) != Vocabulary((EOS, "a"))
    assert (len(vocabulary), "a" in vocabulary, "b" in vocabulary) == (2, True, False)
    assert (vocabulary.ids, vocabulary.eos_id) == ({"a": 0, EOS: 1}, 1)


def test_nearest_words_are_spelt_alike() -> None:
    vocabulary = Vocabulary((EOS, UNK, "ROMEO", "Rome", "chrome", "Juliet"))
    assert vocabulary.nearest("Romeo", 2) == ["ROMEO", "Rome"]
    assert vocabulary.nearest("<unk") == vocabulary.nearest("Juliet") == []


def test_huge_words_are_not_compared() -> None:
    huge = "ab" * 50_000
    assert Vocabulary((EOS, huge + "a")).nearest(huge) == []


def test_what_is_uncut_stays_however_rare_it_is() -> None:
    counts = Counter(["a", "a", "b", " ", "\t", EOS])
    made = Vocabulary.from_counts(counts, min_count=2, max_vocab=3, uncut={" ", "\t"})
    assert made.words == (UNK, " ", "\t", EOS)
