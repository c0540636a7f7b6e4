import numpy as np
import pytest

from rnnlm_cli.arrays import Floats
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.scoring.traces import Trace, features, reactions, traces
from rnnlm_cli.settings.model import ModelConfig

RNG = np.random.default_rng(0)


def sigmoid(x: Floats) -> Floats:
    share: Floats = 1 / (1 + np.exp(-x))
    return share


@pytest.mark.parametrize("layers", [1, 2])
def test_a_trace_is_what_the_formulas_say(layers: int) -> None:
    config = ModelConfig(wordvec_size=5, hidden_size=4, layers=layers)
    model = LanguageModel(9, config, rng=np.random.default_rng(1))
    ids = np.array([3, 1, 8, 2], np.int32)
    made = traces(model, ids, eos_id=0)
    assert len(made) == layers
    xs = model.network.embedding.params["W"][[0, *ids]]
    for lstm, trace in zip(model.lstms, made, strict=True):
        Wx, Wh, b = lstm.params.values()
        h = c = np.zeros(4, np.float32)
        hs = []
        for t, x in enumerate(xs):
            a = x @ Wx + h @ Wh + b
            f, g, i, o = sigmoid(a[:4]), np.tanh(a[4:8]), sigmoid(a[8:12]), sigmoid(a[12:])
            c = f * c + g * i
            h = o * np.tanh(c)
            hs.append(h)
            if t:  # the first is of the <eos> before the text
                expected = {"f": f, "g": g, "i": i, "o": o, "c": c, "h": h}
                for name, values in expected.items():
                    np.testing.assert_allclose(getattr(trace, name)[t - 1], values, atol=1e-6)
        xs = np.array(hs)


def test_tracing_leaves_the_model_as_it_was() -> None:
    model = LanguageModel(9, ModelConfig(wordvec_size=4, hidden_size=4))
    model.hidden(np.array([[1, 2]], np.int32))
    before = [state.h.copy() for state in model.state or []]
    traces(model, np.array([3, 4], np.int32), eos_id=0)
    after = [state.h for state in model.state or []]
    assert len(before) == len(after)
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def of_h(h: Floats, f: Floats | None = None) -> Trace:
    zeros = np.zeros_like(h)
    return Trace(zeros if f is None else f, zeros, zeros, zeros, h, h)


def test_a_time_constant_is_how_long_a_cell_keeps_1_e() -> None:
    f = np.full((50, 2), [np.exp(-1 / 20), 0.5])
    np.testing.assert_allclose(of_h(f, f).time_constants(), [20, 1 / np.log(2)])


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


def test_the_most_moving_units_are_in_their_order() -> None:
    h = np.array([[0, 0, 0, 0], [1, 9, 0, 5]], float)
    assert of_h(h).most_moving(2) == [1, 3]


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
