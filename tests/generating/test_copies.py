"""Which runs of a text stand in another one."""

import numpy as np

from rnnlm_cli.generating.copies import copies
from rnnlm_cli.generating.suffixes import SuffixArray

SUFFIXES = SuffixArray(np.array(list(b"the old cat sees a dog")))


def test_runs_are_as_long_as_they_can_be_and_may_overlap() -> None:
    first, second = copies(SUFFIXES, [np.array(list(b"cold catsees")), np.array(list(b"xxx"))], 4)
    assert [b"cold catsees"[begin:end] for begin, end in first.runs] == [b"old cat", b"sees"]
    assert (first.tokens, first.copied, first.longest, first.least) == (12, 11, 7, 4)
    assert first.share == 11 / 12
    assert first.spans == [(1, 12)]
    assert (second.runs, second.share, second.longest) == ((), 0.0, 0)


def test_what_was_not_drawn_begins_a_run_but_does_not_count() -> None:
    text = np.array(list(b"the old red cat"))
    (found,) = copies(SUFFIXES, [text], 4, drawn_from=6)
    assert [bytes(text[begin:end].astype(np.uint8)) for begin, end in found.runs] == [
        b"the old ",
        b"d cat",
    ]
    assert (found.tokens, found.copied) == (9, 7)
    (found,) = copies(SUFFIXES, [text], 4, drawn_from=9)
    assert [bytes(text[begin:end].astype(np.uint8)) for begin, end in found.runs] == [b"d cat"]
