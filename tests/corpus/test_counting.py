"""Counts that went to the disk give the vocabulary of those that did not."""

from hypothesis import given
from hypothesis import strategies as st

from rnnlm_cli.corpus.counting import Counts
from rnnlm_cli.corpus.cutting.spacing import JOIN, spacing_of
from rnnlm_cli.corpus.vocabulary import EOS, UNK

TOKENS = st.lists(st.sampled_from([*"abcdefghijklmnABC", EOS, UNK, JOIN, "\t", '"é"']), max_size=40)


@given(
    train=st.lists(TOKENS, min_size=1, max_size=5),
    others=st.lists(TOKENS, max_size=3),
    held=st.integers(0, 12),
    min_count=st.integers(1, 4),
    max_vocab=st.integers(2, 12),
)
def test_counts_are_the_same_however_few_are_held(
    train: list[list[str]], others: list[list[str]], held: int, min_count: int, max_vocab: int
) -> None:
    one, other = Counts(), Counts(held)
    for counts in (one, other):
        for tokens in train:
            counts.add(tokens)
        for tokens in others:
            counts.add(tokens, training=False)
    wanted = one.choose(min_count, max_vocab, spacing_of)
    found = other.choose(min_count, max_vocab, spacing_of)
    assert found.vocabulary.words == wanted.vocabulary.words
    assert (found.cut, found.rarest) == (wanted.cut, wanted.rarest)
