import math

import numpy as np
import pytest

from rnnlm_cli.arrays import Floats
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.model.layers import LSTMState, TimeLSTM
from tests.model.gradcheck import assert_gradient


def make(D: int = 4, H: int = 5, *, stateful: bool = False, dtype: type = np.float64) -> TimeLSTM:
    rng = np.random.default_rng(0)
    Wx: Floats = rng.standard_normal((D, 4 * H)).astype(dtype)
    Wh: Floats = rng.standard_normal((H, 4 * H)).astype(dtype)
    b: Floats = rng.standard_normal(4 * H).astype(dtype)
    return TimeLSTM(Wx, Wh, b, stateful=stateful)


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def test_one_step_of_one_unit_by_hand() -> None:
    lstm = TimeLSTM(
        np.array([[0.1, 0.2, 0.3, 0.4]]),  # f g i o
        np.array([[0.5, 0.6, 0.7, 0.8]]),
        np.array([-0.1, -0.2, -0.3, -0.4]),
        stateful=True,
    )
    lstm.state = LSTMState(np.array([[0.25]]), np.array([[-1.5]]))
    h = lstm.forward(np.array([[[2.0]]]))
    f, i, o = (
        sigmoid(2 * x + 0.25 * r + b)
        for x, r, b in ((0.1, 0.5, -0.1), (0.3, 0.7, -0.3), (0.4, 0.8, -0.4))
    )
    g = math.tanh(2 * 0.2 + 0.25 * 0.6 - 0.2)
    c = f * -1.5 + g * i
    assert h.item() == pytest.approx(o * math.tanh(c), rel=1e-12)
    assert lstm.state is not None
    assert lstm.state.c.item() == pytest.approx(c, rel=1e-12)


@pytest.mark.parametrize(("N", "T"), [(2, 3), (1, 3), (2, 1), (1, 1)])
@pytest.mark.parametrize("carried", [False, True])
def test_gradients_of_weights_and_input(N: int, T: int, carried: bool) -> None:
    lstm, rng = make(stateful=carried), np.random.default_rng(1)
    xs, dhs = rng.standard_normal((N, T, 4)), rng.standard_normal((N, T, 5))
    state = LSTMState(rng.standard_normal((N, 5)), rng.standard_normal((N, 5)))

    def loss() -> float:
        lstm.state = state if carried else None
        return float((lstm.forward(xs) * dhs).sum())

    loss()
    dxs = lstm.backward(dhs)
    assert_gradient(loss, xs, dxs)
    for name in ("Wx", "Wh", "b"):
        if carried or T > 1 or name != "Wh":  # from a zero state one step does not see Wh
            assert_gradient(loss, lstm.params[name], lstm.grads[name])


def test_the_gradient_of_the_state_before_the_first_step_is_left() -> None:
    lstm, rng = make(stateful=True), np.random.default_rng(1)
    xs, dhs, h, c = (rng.standard_normal(s) for s in [(2, 3, 4), (2, 3, 5), (2, 5), (2, 5)])

    def loss() -> float:
        lstm.state = LSTMState(h, c)
        return float((lstm.forward(xs) * dhs).sum())

    loss()
    lstm.backward(dhs)
    assert lstm.dstate is not None
    assert_gradient(loss, h, lstm.dstate.h)
    assert_gradient(loss, c, lstm.dstate.c)


def test_gradients_do_not_depend_on_how_many_steps_go_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng, found = np.random.default_rng(1), []
    xs, dhs = rng.standard_normal((2, 5, 4)), rng.standard_normal((2, 5, 5))
    for steps in (1, 2, 9):
        monkeypatch.setattr("rnnlm_cli.model.layers.lstm._AT_ONCE", steps * 4 * 5 * 2)
        lstm = make()
        lstm.forward(xs)
        found.append([lstm.backward(dhs), *lstm.grads.values()])
    for other in found[1:]:
        for mine, theirs in zip(found[0], other, strict=True):
            np.testing.assert_array_equal(mine, theirs)


def test_backward_twice_gives_the_same_gradients() -> None:
    lstm, rng = make(), np.random.default_rng(1)
    lstm.forward(rng.standard_normal((2, 3, 4)))
    dhs = rng.standard_normal((2, 3, 5))
    first = lstm.backward(dhs), {k: g.copy() for k, g in lstm.grads.items()}
    np.testing.assert_array_equal(lstm.backward(dhs), first[0])
    for name, gradient in lstm.grads.items():
        np.testing.assert_array_equal(gradient, first[1][name])


def test_a_stateful_layer_goes_on_where_it_ended() -> None:
    xs = np.random.default_rng(1).standard_normal((2, 6, 4))
    whole = make().forward(xs)
    lstm = make(stateful=True)
    parts = [lstm.forward(xs[:, :2]), lstm.forward(xs[:, 2:])]
    np.testing.assert_allclose(np.concatenate(parts, axis=1), whole, rtol=1e-12)


def test_reset_state_forgets() -> None:
    lstm, xs = make(stateful=True), np.random.default_rng(1).standard_normal((2, 3, 4))
    first = lstm.forward(xs)
    assert not np.array_equal(lstm.forward(xs), first)
    lstm.reset_state()
    np.testing.assert_array_equal(lstm.forward(xs), first)


def test_an_output_stays_as_it_is_when_the_layer_runs_again() -> None:
    lstm, xs = make(), np.random.default_rng(1).standard_normal((2, 3, 4))
    hs = lstm.forward(xs)
    before = hs.copy()
    lstm.forward(-xs)
    np.testing.assert_array_equal(hs, before)


def test_another_number_of_streams_needs_a_reset() -> None:
    lstm = make(stateful=True)
    lstm.forward(np.zeros((2, 3, 4)))
    with pytest.raises(ConfigError, match="state of 2 streams, but was given 3"):
        lstm.forward(np.zeros((3, 3, 4)))


def test_float32_weights_compute_in_float32() -> None:
    lstm = make(dtype=np.float32)
    hs = lstm.forward(np.ones((2, 3, 4), np.float32))
    assert hs.dtype == lstm.backward(hs).dtype == np.float32
