import math
from typing import get_args

import numpy as np
import pytest

from rnnlm_cli import threads
from rnnlm_cli.settings.train import OptimizerName, Schedule, TrainConfig
from rnnlm_cli.threads import Cores
from rnnlm_cli.training.clipping import clip_scale, gradient_norm
from rnnlm_cli.training.optimizers import SGD, Adam, make_optimizer, slots_of
from rnnlm_cli.training.schedules import learning_rate

CORES = Cores(2)


@pytest.fixture(autouse=True)
def _several_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_BLOCK", 3)


def test_the_norm_is_over_all_numbers_and_does_not_overflow() -> None:
    grads = np.full(4, 1e30, np.float32)
    assert gradient_norm(grads, CORES) == pytest.approx(2e30)


def test_a_norm_that_is_not_finite_says_so() -> None:
    assert math.isinf(gradient_norm(np.array([1, np.inf], np.float32), CORES))
    assert math.isnan(gradient_norm(np.array([1, np.nan], np.float32), CORES))


def test_clipping_shortens_a_long_gradient_and_leaves_a_short_one() -> None:
    assert clip_scale(5.0, 10.0) == 1
    assert clip_scale(5.0, 1.0) == pytest.approx(0.2)


def test_sgd_steps_against_the_scaled_gradient() -> None:
    params = np.arange(7, dtype=np.float32)
    SGD(params, CORES).update(params, np.ones(7, np.float32), lr=0.5, step=1, scale=0.5)
    np.testing.assert_array_equal(params, np.arange(7) - 0.25)


@pytest.mark.parametrize("name", get_args(OptimizerName))
def test_an_update_is_the_same_on_any_number_of_cores(
    name: OptimizerName, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "_BLOCK", 50_000)
    config = TrainConfig(optimizer=name)
    results = []
    for cores in (Cores(1), Cores(2), Cores(3)):
        params = np.random.default_rng(0).standard_normal(800_000).astype(np.float32)
        optimizer = make_optimizer(config, params, cores)
        for step in (1, 2):
            norm = gradient_norm(params, cores)
            optimizer.update(params, params.copy(), 0.1, step, clip_scale(norm, 1.0))
        results.append((norm, hash(params.tobytes())))
    assert results[0] == results[1] == results[2]


@pytest.mark.parametrize("name", get_args(OptimizerName))
def test_the_settings_know_what_memory_an_optimizer_takes(name: OptimizerName) -> None:
    optimizer = make_optimizer(TrainConfig(optimizer=name), np.zeros(3), CORES)
    assert [slot.shape for slot in optimizer.slots.values()] == [(3,)] * slots_of(name)


def test_adam_follows_the_formulas_of_the_paper() -> None:
    rng = np.random.default_rng(0)
    params = rng.standard_normal(7)
    expected, m, v = params.copy(), np.zeros(7), np.zeros(7)
    adam = Adam(params, CORES)
    for step in (1, 2, 3):
        g = rng.standard_normal(7)
        adam.update(params, 2 * g, lr=0.1, step=step, scale=0.5)
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        m_hat, v_hat = m / (1 - 0.9**step), v / (1 - 0.999**step)
        expected -= 0.1 * m_hat / (np.sqrt(v_hat) + 1e-8)
    np.testing.assert_allclose(params, expected, rtol=1e-9)


@pytest.mark.parametrize("name", ["sgd", "momentum", "adam", "adamw"])
def test_optimisers_find_the_minimum_of_a_parabola(name: OptimizerName) -> None:
    params = np.array([5.0, -3.0])
    optimizer = make_optimizer(TrainConfig(optimizer=name), params, CORES)
    for step in range(1, 400):
        optimizer.update(params, 2 * params, lr=0.1, step=step, scale=1.0)
    assert np.abs(params).max() < 1e-3


def rate(schedule: Schedule, progress: float, reductions: int = 0, warmup: float = 0.0) -> float:
    config = TrainConfig(schedule=schedule, lr=20.0, warmup=warmup)
    return learning_rate(config, progress, reductions)


@pytest.mark.parametrize("schedule", ["linear", "cosine", "one-cycle"])
def test_the_rate_falls_to_zero_exactly_at_the_end(schedule: Schedule) -> None:
    assert rate(schedule, 1.0) == rate(schedule, 1.5) == 0
    assert 0 < rate(schedule, 0.999) < 0.1


@pytest.mark.parametrize(
    ("schedule", "progress", "expected"),
    [
        ("linear", 0.0, 20.0),
        ("linear", 0.25, 15.0),
        ("cosine", 0.0, 20.0),
        ("cosine", 0.5, 10.0),
        ("one-cycle", 0.0, 0.0),
        ("one-cycle", 0.15, 10.0),
        ("one-cycle", 0.3, 20.0),
        ("one-cycle", 0.65, 10.0),
    ],
)
def test_rates_on_the_way(schedule: Schedule, progress: float, expected: float) -> None:
    assert rate(schedule, progress) == pytest.approx(expected, abs=1e-12)


def test_a_warm_up_rises_from_zero() -> None:
    assert rate("constant", 0.0, warmup=0.2) == 0
    assert rate("constant", 0.1, warmup=0.2) == 10
    assert rate("linear", 0.5, warmup=0.2) == 10


def test_the_rate_is_divided_by_four_for_each_worse_validation() -> None:
    assert rate("plateau", 0.9) == 20
    assert math.isclose(rate("plateau", 0.9, reductions=2), 20 / 16)
    assert rate("constant", 0.9, reductions=2) == 20


@pytest.mark.parametrize("name", get_args(OptimizerName))
def test_decay_pulls_weights_to_zero_where_the_gradient_does_not(name: OptimizerName) -> None:
    params = np.array([5.0, -3.0])
    optimizer = make_optimizer(TrainConfig(optimizer=name, weight_decay=0.1), params, CORES)
    for step in range(1, 200):
        optimizer.update(params, np.zeros(2), lr=0.05, step=step, scale=1.0)
    assert -0.1 < params[0] < 4  # momentum swings a little past zero
    assert -2.5 < params[1] < 0.1


def test_decoupled_decay_shrinks_weights_by_rate_times_decay() -> None:
    params = np.array([5.0, -3.0])
    optimizer = make_optimizer(TrainConfig(optimizer="adamw", weight_decay=0.1), params, CORES)
    optimizer.update(params, np.zeros(2), lr=0.5, step=1, scale=1.0)
    np.testing.assert_allclose(params, [5 * 0.95, -3 * 0.95])


def test_momentum_and_rmsprop_follow_their_formulas() -> None:
    rng = np.random.default_rng(0)
    start = rng.standard_normal(7)
    momentum, rmsprop = start.copy(), start.copy()
    makers = [
        make_optimizer(TrainConfig(optimizer="momentum"), momentum, CORES),
        make_optimizer(TrainConfig(optimizer="rmsprop"), rmsprop, CORES),
    ]
    one, other, v, square = start.copy(), start.copy(), np.zeros(7), np.zeros(7)
    for step in (1, 2, 3):
        g = rng.standard_normal(7)
        makers[0].update(momentum, 2 * g, lr=0.1, step=step, scale=0.5)
        makers[1].update(rmsprop, 2 * g, lr=0.1, step=step, scale=0.5)
        v = 0.9 * v + g
        one -= 0.1 * v
        square = 0.99 * square + 0.01 * g * g
        other -= 0.1 * g / (np.sqrt(square / (1 - 0.99**step)) + 1e-8)
    np.testing.assert_allclose(momentum, one, rtol=1e-9)
    np.testing.assert_allclose(rmsprop, other, rtol=1e-9)
