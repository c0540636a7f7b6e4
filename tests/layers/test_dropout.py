import numpy as np

from rnnlm_cli.layers import TimeDropout


def test_kept_units_are_scaled_so_that_the_mean_stays() -> None:
    layer = TimeDropout(0.25, np.random.default_rng(0))
    ys = layer.forward(np.ones((20, 30, 40)))
    assert set(np.unique(ys)) == {0.0, 1 / 0.75}
    assert abs((ys == 0).mean() - 0.25) < 0.01


def test_gradient_passes_where_the_unit_was_kept() -> None:
    layer = TimeDropout(0.5, np.random.default_rng(0))
    ys = layer.forward(np.ones((2, 3, 4)))
    np.testing.assert_array_equal(layer.backward(np.ones((2, 3, 4))), ys)


def test_outside_training_nothing_is_dropped() -> None:
    layer = TimeDropout(0.5, np.random.default_rng(0))
    layer.train_flg = False
    xs = np.ones((2, 3, 4))
    assert layer.forward(xs) is xs
    assert layer.backward(xs) is xs


def test_masks_are_drawn_stream_by_stream() -> None:
    both = TimeDropout(0.5, np.random.default_rng(0)).forward(np.ones((2, 3, 4)))
    one = TimeDropout(0.5, np.random.default_rng(0)).forward(np.ones((1, 3, 4)))
    np.testing.assert_array_equal(both[:1], one)


def test_float32_stays_float32() -> None:
    layer = TimeDropout(0.5, np.random.default_rng(0))
    assert layer.forward(np.ones((2, 3, 4), np.float32)).dtype == np.float32
