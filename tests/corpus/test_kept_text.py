"""Texts in blocks: nothing lost, whole lines."""

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlm_cli.corpus import kept_text
from rnnlm_cli.corpus.cutting.processes import cut_blocks
from rnnlm_cli.corpus.cutting.units import Tokenizer
from rnnlm_cli.corpus.kept_text import KeptText
from rnnlm_cli.corpus.splitting import split_kept, split_text
from rnnlm_cli.settings.text import SPLITS, Unit

LINES = st.lists(
    st.text(st.sampled_from("aB0 .,'\"-\u0301é猫\t<>#@:/$(«»"), max_size=9)
    | st.sampled_from(["<eos>", "x <eos>", "<unk> y.", '"Open', 'it."', " ", ""]),
    max_size=9,
)


@pytest.mark.parametrize("unit", ["word", "whitespace", "char", "preprocess"])
@pytest.mark.parametrize("rule", [1, 2])
@given(lines=LINES, end=st.text("a .\n", max_size=3), size=st.integers(1, 30))
def test_a_text_in_blocks_has_the_tokens_of_the_whole(
    unit: Unit, rule: int, lines: list[str], end: str, size: int
) -> None:
    text = "".join(f"{line}\n" for line in lines) + end
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept_text, "BLOCK", size)
        blocks = list(KeptText.of([text]))
    assert "".join(blocks) == text
    assert all(block.endswith("\n") for block in blocks[:-1])
    tokenizer = Tokenizer(unit, rule=rule)
    cut = cut_blocks(tokenizer, (block.encode() for block in blocks))
    found = [token for block in cut for token in block.tokens]
    assert found == tokenizer.tokenize(text, open_end=True)


@given(lines=st.integers(1, 61), per=st.integers(1, 4), size=st.integers(1, 40))
def test_lines_are_dealt_as_they_are_in_one_piece(lines: int, per: int, size: int) -> None:
    text = [f"é{i}\n" * (i % 3) + "\n" for i in range(lines)]
    flat = "".join(text).splitlines(keepends=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept_text, "BLOCK", size)
        dealt = [str(each) for each in KeptText.of(text).dealt(per, 5, 2, 4)]
    parts = ["".join(flat[i : i + per]) for i in range(0, len(flat), per)]
    wanted = ["".join(p for i, p in enumerate(parts) if i % 5 not in (2, 4))]
    wanted += ["".join(islice(parts, place, None, 5)) for place in (2, 4)]
    assert dealt == wanted


def test_a_text_of_many_lines_is_split_as_ever() -> None:
    text = "".join(f"line {i} of a text\n" for i in range(4_321))
    found = split_kept(KeptText.of([text]))
    assert {split: str(found[split]) for split in SPLITS} == split_text(text, "word")


def test_what_was_dealt_is_not_dealt_again() -> None:
    first, second = KeptText.of(["a\nb\nc\nd\n"]).dealt(1, 2, 1)
    assert (str(first), str(second)) == ("a\nc\n", "b\nd\n")
    with pytest.raises(AssertionError):
        second.dealt(1, 2, 1)
