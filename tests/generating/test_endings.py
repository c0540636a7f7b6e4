"""Which texts have ended."""

import numpy as np
import pytest

from rnnlm_cli.generating.endings import Endings
from rnnlm_cli.generating.start import Start
from rnnlm_cli.settings.text import Record

EOS, BLANK = 2, 5
START = Start([EOS])


def ends(record: Record, *columns: str) -> list[list[int]]:
    """At which steps a record ends; of a text "w" is a word, "/" a line end, "_" a white space."""
    endings = Endings(record, EOS, [BLANK], START, len(columns))
    rows = [["w/_".index(c) for c in row] for row in zip(*columns, strict=True)]
    fed = [endings.feed(np.array([0, EOS, BLANK])[row]) for row in rows]
    return [np.flatnonzero(column).tolist() for column in np.array(fed).T]


@pytest.mark.parametrize(
    ("record", "text", "steps"),
    [
        ("line", "ww/w/", [2, 4]),
        ("line", "///w/", [4]),  # a line without a word ends no text
        ("line", "_/_w_/", [5]),
        ("paragraph", "w/w//", [4]),
        ("paragraph", "///w//", [5]),
        ("paragraph", "w/_/w", [3]),  # a line of white space is blank
        ("paragraph", "w//w//", [2, 5]),
        ("paragraph", "w//////w", [2]),
    ],
)
def test_a_record_ends_where_it_has_had_a_word(record: Record, text: str, steps: list[int]) -> None:
    assert ends(record, text) == [steps]


def test_texts_side_by_side_end_each_by_itself() -> None:
    assert ends("paragraph", "w/w//", "w//ww", "/////") == [[4], [2], []]


def test_texts_change_places_and_tell_which_could_end() -> None:
    endings = Endings("paragraph", EOS, [BLANK], START, 3)
    endings.feed(np.array([0, EOS, 0]))
    endings.feed(np.array([EOS, 0, 0]))
    assert endings.ready.tolist() == [True, False, False]
    endings.select(np.array([1, 0, 0]))
    assert endings.ready.tolist() == [False, True, True]
    assert endings.feed(np.full(3, EOS)).tolist() == [False, True, True]
