"""Counts that went to the disk give the vocabulary of those that did not."""

from collections import Counter
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlm_cli.corpus.counting import Chosen, Counts
from rnnlm_cli.corpus.cutting.spacing import JOIN, spacing_of
from rnnlm_cli.corpus.vocabulary import EOS, UNK, Lost, Vocabulary

TOKENS = st.lists(st.sampled_from([*"abcdefghijklmnABC", EOS, UNK, JOIN, "\t", '"é"']), max_size=40)


def chosen(
    train: list[list[str]], others: list[list[str]], min_count: int, max_vocab: int
) -> Chosen:
    """The choice by all counts at once."""
    counts, uncut = Counter(chain(*train)), spacing_of(chain(*train))
    vocabulary = Vocabulary.from_counts(
        counts, min_count=min_count, max_vocab=max_vocab, uncut=uncut
    )
    lost = [n for word, n in counts.items() if word not in {*vocabulary.words, EOS, UNK}]
    rare = sum(n < min_count for n in lost)
    unseen = sum(token not in counts and not spacing_of([token]) for token in chain(*others))
    cut = Lost(
        types=len(counts),
        rare=rare,
        beyond=len(lost) - rare,
        capitals=sum(word != word.lower() for word in counts),
        unseen=0 if UNK in counts else unseen,
    )
    rarest = min((n for w, n in counts.items() if w not in {*uncut, EOS, UNK}), default=None)
    return Chosen(vocabulary, cut, rarest)


@given(
    train=st.lists(TOKENS, min_size=1, max_size=5),
    others=st.lists(TOKENS, max_size=3),
    held=st.integers(0, 20),
    min_count=st.integers(1, 4),
    max_vocab=st.integers(2, 12),
)
def test_a_choice_is_the_same_however_few_counts_are_held(
    train: list[list[str]], others: list[list[str]], held: int, min_count: int, max_vocab: int
) -> None:
    counts = Counts(held)
    for tokens in train:
        counts.add(tokens)
    for tokens in others:
        counts.add(tokens, training=False)
    wanted = chosen(train, others, min_count, max_vocab)
    found = counts.choose(min_count, max_vocab, spacing_of)
    assert found.vocabulary.words == wanted.vocabulary.words
    assert (found.cut, found.rarest) == (wanted.cut, wanted.rarest)


@pytest.mark.parametrize(
    ("text", "min_count", "max_vocab", "cut"),
    [
        ("a a B b c <eos>", 2, 99, Lost(types=5, rare=3, beyond=0, capitals=1, unseen=2)),
        ("a a b b B <eos>", 2, 3, Lost(types=4, rare=1, beyond=1, capitals=1, unseen=2)),
        ("a b <unk> <eos>", 1, 9, Lost(types=4, rare=0, beyond=0, capitals=0, unseen=0)),
        ("a zebra Z <eos>", 1, 9, Lost(types=4, rare=0, beyond=0, capitals=1, unseen=0)),
    ],
)
def test_what_a_vocabulary_leaves_out_is_counted(
    text: str, min_count: int, max_vocab: int, cut: Lost
) -> None:
    counts = Counts()
    counts.add(text.split())
    counts.add(["a", "zebra", EOS, "zebra", "a"], training=False)
    assert counts.choose(min_count, max_vocab, spacing_of).cut == cut
