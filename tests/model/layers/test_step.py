import numpy as np
import pytest

from rnnlm_cli.model.layers import LSTMState, TimeLSTM
from rnnlm_cli.model.layers.step import LSTMStep
from tests.model.layers.test_lstm import make


@pytest.fixture
def lstm() -> TimeLSTM:
    return make(stateful=True)


@pytest.mark.parametrize("N", [1, 2, 3])
def test_steps_are_those_of_the_textbook_layer(lstm: TimeLSTM, N: int) -> None:
    rng = np.random.default_rng(1)
    xs = rng.standard_normal((N, 6, 4))
    state = LSTMState(rng.standard_normal((N, 5)), rng.standard_normal((N, 5)))
    step = LSTMStep(lstm, N)
    lstm.state = step.state = state
    for t in range(6):
        step.x[...] = xs[:, t].T.reshape(step.x.shape)
        step.step()
        h = lstm.forward(xs[:, t : t + 1])[:, 0]
        np.testing.assert_allclose(step.h.reshape(5, N).T, h, rtol=1e-12)
    assert lstm.state is not None
    np.testing.assert_allclose(step.state.c, lstm.state.c, rtol=1e-12)


def test_a_run_is_its_steps(lstm: TimeLSTM) -> None:
    xs, step = np.random.default_rng(1).standard_normal((6, 4)), LSTMStep(lstm)
    hs = np.empty((6, 5))
    step.run(step.inputs(xs), hs)
    np.testing.assert_allclose(hs, lstm.forward(xs[None])[0], rtol=1e-12)


def test_a_step_allocates_no_array(lstm: TimeLSTM) -> None:
    import tracemalloc

    step = LSTMStep(make(400, 500, dtype=np.float32))
    step.step()
    peaks = []
    for _ in range(20):  # the least of them: another thread of the process may allocate too
        tracemalloc.start()
        for _ in range(5):
            step.step()
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert min(peaks) < 500 * 4  # less than the smallest of its arrays, h
