import numpy as np
import pytest

from rnnlm_cli.arrays import Floats
from rnnlm_cli.model.model import LanguageModel
from rnnlm_cli.scoring.traces import Trace, traces
from rnnlm_cli.settings.model import ModelConfig
from tests.peaks import peak_bytes


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


def test_the_most_moving_units_are_in_their_order() -> None:
    h = np.array([[0, 0, 0, 0], [1, 9, 0, 5]], float)
    assert of_h(h).most_moving(2) == [1, 3]


@pytest.mark.parametrize(
    "config",
    [
        ModelConfig(wordvec_size=5, hidden_size=5, layers=2, skip=True, dropout=0.5),
        ModelConfig(wordvec_size=4, hidden_size=5, tied=True, projection=True),
    ],
)
def test_the_states_of_the_top_lstm_are_those_of_its_steps(config: ModelConfig) -> None:
    model, ids = LanguageModel(7, config), np.array([3, 1, 4, 1, 5, 6], np.int32)
    network, states = model.network, traces(model, ids, None)[-1].h
    steps, below = [lstm.stepped(1) for lstm in model.lstms], list[Floats]()
    for x in network.embedding.run(ids):
        for index, step in enumerate(steps):
            h = step.step(x)
            x = h + x if config.skip and index else h
        below.append(h.copy())
    np.testing.assert_allclose(states, below, rtol=1e-5, atol=1e-6)
    assert model.state is None


def test_it_takes_no_more_memory_than_it_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[int]()
    monkeypatch.setattr(
        "rnnlm_cli.scoring.traces.need",
        lambda what, parts, advice: asked.append(sum(parts.values())),
    )
    shape = ModelConfig(wordvec_size=100, hidden_size=100, layers=2)
    model = LanguageModel(9, shape, rng=np.random.default_rng(0))
    traces(model, np.zeros(9, np.int32), None)  # what is made once
    most = peak_bytes(lambda: traces(model, np.zeros(2_000, np.int32), None))
    assert 0.8 * asked[-1] < most <= asked[-1]
