import numpy as np
import pytest

from rnnlm_cli.model.layers import TimeLSTM
from tests.model.layers.test_lstm import make
from tests.peaks import peak_bytes


@pytest.fixture
def lstm() -> TimeLSTM:
    return make(stateful=True)


@pytest.mark.parametrize("N", [1, 2, 3])
def test_steps_are_those_of_the_textbook_layer(lstm: TimeLSTM, N: int) -> None:
    rng = np.random.default_rng(1)
    xs = rng.standard_normal((N, 6, 4))
    step = lstm.stepped(N)
    for t in range(6):
        h = step.step(xs[:, t].T.reshape(4, *(() if N == 1 else (N,))))
        expected = lstm.forward(xs[:, t : t + 1])[:, 0]
        np.testing.assert_allclose(h.reshape(5, N).T, expected, rtol=1e-12)
    assert lstm.state is not None
    np.testing.assert_allclose(step._c.reshape(5, N).T, lstm.state.c, rtol=1e-12)


def test_a_run_is_its_steps(lstm: TimeLSTM) -> None:
    xs, step = np.random.default_rng(1).standard_normal((6, 4)), lstm.stepped(1)
    hs = np.concatenate([step.run(xs[:2]), step.run(xs[2:])])
    np.testing.assert_allclose(hs, lstm.forward(xs[None])[0], rtol=1e-12)


def test_a_step_allocates_no_array(lstm: TimeLSTM) -> None:
    step, x = make(400, 500, dtype=np.float32).stepped(1), np.ones(400, np.float32)

    def steps() -> None:
        for _ in range(5):
            step.step(x)

    assert peak_bytes(steps, again=19) < 500 * 4  # less than the smallest of its arrays, h
