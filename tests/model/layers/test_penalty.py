import numpy as np
import pytest

from rnnlm_cli.model.layers import TimeAR, TimeTAR
from tests.model.gradcheck import assert_gradient


def test_ar_is_the_mean_square_of_activations() -> None:
    layer = TimeAR(0.5)
    layer.forward(np.array([[[1.0, 2.0], [3.0, 0.0]]]))
    assert layer.penalty() == 0.5 * (1 + 4 + 9) / 4


def test_tar_is_the_mean_square_of_changes() -> None:
    layer = TimeTAR(0.5)
    layer.forward(np.array([[[1.0, 2.0], [3.0, 0.0]]]))
    assert layer.penalty() == 0.5 * (4 + 4) / 2


@pytest.mark.parametrize("layer", [TimeAR(0.7), TimeTAR(0.7)], ids=["ar", "tar"])
@pytest.mark.parametrize(("N", "T"), [(2, 3), (2, 1)])
def test_the_gradient_of_a_penalty_is_added(layer: TimeAR | TimeTAR, N: int, T: int) -> None:
    rng = np.random.default_rng(0)
    hs, dhs = rng.standard_normal((N, T, 5)), rng.standard_normal((N, T, 5))
    before = dhs.copy()
    assert layer.forward(hs) is hs
    gradient = layer.backward(dhs)
    np.testing.assert_array_equal(dhs, before)

    def loss() -> float:
        return float((layer.forward(hs) * dhs).sum()) + layer.penalty()

    assert_gradient(loss, hs, gradient)


@pytest.mark.parametrize("layer", [TimeAR(0.7), TimeTAR(0.7)], ids=["ar", "tar"])
def test_outside_training_there_is_no_penalty(layer: TimeAR | TimeTAR) -> None:
    hs = np.random.default_rng(0).standard_normal((2, 3, 5))
    layer.forward(hs)
    assert layer.forward(hs, train_flg=False) is hs
    assert layer.penalty() == 0
    assert layer.backward(hs) is hs
