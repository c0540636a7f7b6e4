import numpy as np
import pytest

from rnnlm_cli.corpus.cutting.units import Tokenizer
from rnnlm_cli.scoring.adapting.overlap import NOTABLE, WINDOW, share_within
from rnnlm_cli.settings.text import Unit
from tests.scoring.adapting.models import random_ids

OTHER = random_ids(2_000, seed=1, below=1_000)
OWN = random_ids(300, seed=2, below=1_000)


def test_a_text_and_every_part_of_it_stand_in_it() -> None:
    assert share_within(OTHER, OTHER) == 1
    assert share_within(OTHER[700:1_000], OTHER) == 1
    assert share_within(OTHER[700:703], OTHER) == 1
    assert share_within(OTHER, OTHER[700:1_000]) == 300 / 2_000


def test_another_text_does_not() -> None:
    assert share_within(OWN, OTHER) == 0
    assert share_within(OTHER[::-1], OTHER) == 0


@pytest.mark.parametrize(("unit", "window"), [("word", 20), ("bpe", 30), ("char", 100)])
def test_of_a_mixed_text_the_places_of_whole_windows_count(unit: Unit, window: int) -> None:
    assert Tokenizer(unit).tokens_in(WINDOW) == window
    begun = np.concatenate([OWN[:50], OTHER[300 : 300 + window + 7], OWN[50:]])
    assert share_within(begun, OTHER, window) == (window + 7) / len(begun)
    short = np.concatenate([OWN[:50], OTHER[300 : 300 + window - 1], OWN[50:]])
    assert share_within(short, OTHER, window) == 0


def test_windows_are_told_apart_by_every_place_and_by_their_order() -> None:
    for place in range(20):
        changed = OTHER[500:520].copy()
        changed[place] += 1
        assert share_within(changed, OTHER) == 0
    assert share_within(OTHER[[*range(500, 510), 511, 510, *range(512, 520)]], OTHER) == 0


def test_small_ids_and_short_texts_too() -> None:
    zeros = np.zeros(40, np.int32)
    assert share_within(zeros, zeros) == 1
    assert share_within(zeros, np.ones(40, np.int32)) == 0
    assert share_within(np.array([3], np.int32), OTHER[:0]) == 0
    assert 0 < NOTABLE < 1
