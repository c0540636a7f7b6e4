import numpy as np
import pytest

from rnnlm_cli.arrays import Floats
from rnnlm_cli.scoring.traces import Trace
from rnnlm_cli.tasks.reactions import features, reactions

RNG = np.random.default_rng(0)


def of_h(h: Floats) -> Trace:
    zeros = np.zeros_like(h)
    return Trace(zeros, zeros, zeros, zeros, h, h)


def test_features_are_those_of_the_text() -> None:
    found = features('a " b ( 3 ) " <eos> c <eos> d'.split())
    assert found["place in the line"].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 0]
    assert found["inside quotes"].tolist() == [0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0]
    for opening, closing in ("“”", "「」", "«»", ("``", "''")):
        quoted = features(["a", opening, "b", closing, "c"])
        assert quoted["inside quotes"].tolist() == [0, 0, 1, 1, 0]
        assert not quoted["inside brackets"].any()
    assert found["inside brackets"].tolist() == [0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    assert found["number"].tolist() == [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    assert found["end of the line"].tolist() == [0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0]
    assert found["length of the line before"].tolist() == [0] * 8 + [8] * 2 + [2]


def test_a_piece_may_hold_several_signs() -> None:
    found = features(["([", "a", ")", "b", "]).", "c", ' "', "d", '."', "e"])
    assert found["inside brackets"].tolist() == [0, 1, 1, 1, 1, 0, 0, 0, 0, 0]
    assert found["inside quotes"].tolist() == [0, 0, 0, 0, 0, 0, 0, 1, 1, 0]


def test_the_unit_that_reacts_is_found_with_its_places() -> None:
    T = 200
    feature = np.zeros(T)
    feature[[20, 60, 61, 100, 140, 180]] = 1
    h = RNG.normal(0, 0.1, (T, 5))
    h[:, 3] -= 2 * feature
    quiet = of_h(RNG.normal(0, 0.1, (T, 5)))
    (found,) = reactions([quiet, of_h(h)], {"that": feature, "never": np.zeros(T)})
    assert (found.feature, found.layer, found.unit) == ("that", 1, 3)
    assert found.correlation == pytest.approx(np.corrcoef(h[:, 3], feature)[0, 1])
    assert found.correlation < -0.9
    assert len(found.places) == 5
    assert {place for place in found.places if place not in (60, 61)} == {20, 100, 140, 180}


def test_the_closest_reaction_comes_first() -> None:
    rng = np.random.default_rng(3)
    h = rng.normal(size=(500, 2))
    loose, close = h[:, 0] + rng.normal(size=500), -h[:, 1]
    found = reactions([of_h(h)], {"loose": loose, "close": close})
    assert [each.feature for each in found] == ["close", "loose"]


def test_what_no_unit_reacts_to_is_left_out() -> None:
    rng = np.random.default_rng(2)
    h, feature = rng.normal(size=(5000, 3)), (rng.random(5000) < 0.1).astype(float)
    assert reactions([of_h(h)], {"nothing": feature}) == []
