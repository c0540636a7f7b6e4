import math
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.arrays import Floats
from rnnlm_cli.model.layers import TimeDropout
from rnnlm_cli.model.layers.dropout import Dealt, draw_mask


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
    xs = np.ones((2, 3, 4))
    assert layer.forward(xs, train_flg=False) is xs
    assert layer.backward(xs) is xs


def test_masks_are_drawn_stream_by_stream() -> None:
    both = TimeDropout(0.5, np.random.default_rng(0)).forward(np.ones((2, 3, 4)))
    one = TimeDropout(0.5, np.random.default_rng(0)).forward(np.ones((1, 3, 4)))
    np.testing.assert_array_equal(both[:1], one)


def test_float32_stays_float32() -> None:
    layer = TimeDropout(0.5, np.random.default_rng(0))
    assert layer.forward(np.ones((2, 3, 4), np.float32)).dtype == np.float32


@pytest.mark.parametrize("share", [1e-5, 0.01, 0.3, 0.99, 1 - 1e-5])
def test_the_share_that_is_dropped_is_the_one_that_was_asked(share: float) -> None:
    rare = min(share, 1 - share)
    mask = draw_mask(np.random.default_rng(0), (1000, 1000), share, np.zeros(0))
    dropped = float((mask == 0).mean())
    assert abs(dropped - share) < 0.002 * rare + 4 * math.sqrt(rare / mask.size)
    np.testing.assert_allclose(mask.max(), 1 / (1 - share), rtol=0.002)


class Given:
    """A generator that draws these numbers."""

    def __init__(self, *numbers: float) -> None:
        self.numbers = numbers

    def random(self, shape: tuple[int, int]) -> Floats:
        return np.reshape(self.numbers, shape)


@pytest.mark.parametrize("share", [5e-324, 1e-9, 0.999993, 0.9999999999, 1 - 2**-53])
def test_a_share_next_to_0_or_1_is_not_rounded_to_it(share: float) -> None:
    below, above = math.nextafter(share, 0), math.nextafter(share, 1)
    rng: Any = Given(below, share, above)
    mask = draw_mask(rng, (3, 1), share, np.zeros(0, np.float32))
    np.testing.assert_array_equal(mask, [[0, np.float32(1 / (1 - share)), mask[0, 1]]])
    assert mask.dtype == np.float32


@pytest.mark.parametrize("columns", [12, 10, 7])  # a row of 16 bits each begins amid a draw or not
@pytest.mark.parametrize("ratio", [0.3, 1e-4])
@pytest.mark.parametrize("used", [0, 1])
def test_a_dealt_batch_sees_the_mask_of_the_whole(columns: int, ratio: float, used: int) -> None:
    whole, like = np.random.default_rng(5), np.zeros(0, np.float32)
    whole.integers(0, 9, used, dtype=np.uint32)  # which draws 64 bits and keeps half of them
    parts = [np.random.default_rng() for _ in range(3)]
    for each in parts:
        each.bit_generator.state = whole.bit_generator.state
    mask = draw_mask(whole, (8, columns), ratio, like)
    edges = [0, 2, 5, 8]
    dealt = [
        draw_mask(each, (stop - start, columns), ratio, like, Dealt(start, 8))
        for each, start, stop in zip(parts, edges, edges[1:], strict=False)
    ]
    np.testing.assert_array_equal(np.concatenate(dealt, axis=1), mask)
    after = whole.integers(0, 1 << 30, 3, dtype=np.uint32)
    for each in parts:
        np.testing.assert_array_equal(each.integers(0, 1 << 30, 3, dtype=np.uint32), after)
