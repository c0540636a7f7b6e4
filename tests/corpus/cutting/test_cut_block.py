"""Blocks as words and places, and as bytes."""

from hypothesis import given
from hypothesis import strategies as st

from rnnlm_cli.corpus.cutting.cut_block import CutBlock

TOKENS = st.lists(st.sampled_from(["a", "b", "<eos>", "猫", '"', "\n", " "]), max_size=30)


@given(tokens=TOKENS)
def test_a_block_comes_back_from_its_bytes(tokens: list[str]) -> None:
    block = CutBlock.unpacked(CutBlock.of(tokens).packed())
    assert block.tokens == tokens
    assert list(block.counts) == list(dict.fromkeys(tokens))  # as they first appear
    assert block.counts == {token: tokens.count(token) for token in tokens}


def test_places_are_as_wide_as_they_must_be() -> None:
    tokens = [str(i) for i in range((1 << 16) + 1)]
    few, many = CutBlock.of(tokens[:-1]), CutBlock.unpacked(CutBlock.of(tokens).packed())
    assert (few.ids.itemsize, many.ids.itemsize) == (2, 4)
    assert (few.tokens, many.tokens) == (tokens[:-1], tokens)
