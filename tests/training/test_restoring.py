"""States that a trainer cannot have saved: refused before anything of the trainer is changed."""

from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.settings.train import TrainConfig
from rnnlm_cli.training.schedules import learning_rate
from rnnlm_cli.training.state import TrainerState
from rnnlm_cli.training.trainer import Trainer
from tests.training.test_trainer import BASE, make

CONFIG = replace(BASE, optimizer="adam", lr=0.01)
NUMBERS: list[tuple[str, Any, str]] = [
    ("step", 3, "the step of"),
    ("step", -1, "the step of"),
    ("epoch", 0, "the epoch of"),
    ("epoch", 10**15, "the step of"),
    ("step_in_epoch", -1, "the step in the epoch of"),
    ("step_in_epoch", 11, "the step in the epoch of"),
    ("position", 10**18, "the position of"),
    ("position", 0, "the position of"),
    ("reductions", 10**6, "the number of reductions of"),
    ("epochs_since_best", -1, "the number of epochs since the best of"),
]
GENERATORS: list[Callable[[dict[str, Any]], object]] = [
    lambda state: None,
    lambda state: [],
    lambda state: {},
    lambda state: state | {"bit_generator": "MT19937"},
    lambda state: state | {"state": None},
    lambda state: state | {"state": {"state": 1}},
    lambda state: state | {"state": {"state": "1", "inc": 1}},
    lambda state: state | {"state": {"state": -1, "inc": 1}},
    lambda state: state | {"state": {"state": 1 << 128, "inc": 1}},
    lambda state: state | {"state": {"state": 10**4000, "inc": 1}},
    lambda state: state | {"has_uint32": 2**70},
    lambda state: state | {"uinteger": 1 << 32},
    lambda state: state | {"uinteger": "x"},
    lambda state: state | {"more": 1},
]
ARRAYS: list[tuple[str, Callable[[Any], Any], str]] = [
    ("optimizer.m", lambda a: a[:-1], "optimizer.m is float32 of shape .* needs float32 of"),
    ("optimizer.v", lambda a: a.astype("f8"), "optimizer.v is float64"),
    ("optimizer.v", lambda a: a * np.float32("nan"), "optimizer.v holds numbers that are not"),
    ("lstm1.h", lambda a: a[:1], r"lstm1.h is float32 of shape \(1, 4\)"),
    ("lstm1.c", lambda a: a.T, r"lstm1.c is float32 of shape \(4, 2\)"),
    ("lstm1.c", lambda a: a / np.float32(0), "lstm1.c holds numbers that are not finite"),
    ("lstm1.c", lambda a: None, "the array 'lstm1.c' is missing"),
    ("lstm1.h", lambda a: None, "the array 'lstm1.c' has no place"),
    ("optimizer.m", lambda a: None, "the array 'optimizer.m' is missing"),
    ("optimizer.x", lambda a: np.ones(1, "f"), "the array 'optimizer.x' has no place"),
    ("lstm2.h", lambda a: np.ones((2, 4), "f"), "the array 'lstm2.h' has no place"),
]


@pytest.fixture
def state() -> TrainerState:
    """After the 3rd step of the 2nd epoch."""
    trainer = make(CONFIG, dropout=0.2)
    list(islice(trainer.run(), 14))
    return trainer.capture()


def refused(state: TrainerState, message: str) -> None:
    trainer = make(CONFIG, dropout=0.2)
    before = trainer.capture()
    with pytest.raises(CheckpointError, match=message):
        trainer.restore(state)
    assert _plain(trainer) == _plain(make(CONFIG, dropout=0.2))
    assert before.arrays.keys() == trainer.capture().arrays.keys()


def _plain(trainer: Trainer) -> list[str]:
    state = trainer.capture()
    numbers = str((state.counters, state.generators))
    return [numbers, *(array.tobytes().hex() for array in state.arrays.values())]


def test_the_state_that_the_cases_are_made_of_is_taken(state: TrainerState) -> None:
    make(CONFIG, dropout=0.2).restore(state)


@pytest.mark.parametrize(("name", "value", "message"), NUMBERS)
def test_numbers_out_of_reach_are_refused(
    state: TrainerState, name: str, value: Any, message: str
) -> None:
    counters = replace(state.counters, **{name: value})
    refused(replace(state, counters=counters), message)


def test_a_state_without_generators_is_refused(state: TrainerState) -> None:
    refused(replace(state, generators=[]), "states of 0 random generators, but the run has 5")


@pytest.mark.parametrize("name", ["elapsed", "epoch_training", "fastest", "validation"])
def test_times_before_the_beginning_are_refused(state: TrainerState, name: str) -> None:
    refused(replace(state, timings=replace(state.timings, **{name: -1.0})), "the time of")


@pytest.mark.parametrize("change", GENERATORS)
@pytest.mark.parametrize("index", [0, 2])
def test_what_is_no_state_of_a_generator_is_refused(
    state: TrainerState, change: Callable[[dict[str, Any]], object], index: int
) -> None:
    rngs: list[Any] = [change(rng) if i == index else rng for i, rng in enumerate(state.generators)]
    refused(replace(state, generators=rngs), "random generator is")


@pytest.mark.parametrize(("name", "change", "message"), ARRAYS)
def test_arrays_that_do_not_fit_the_run_are_refused(
    state: TrainerState, name: str, change: Callable[[Any], Any], message: str
) -> None:
    with np.errstate(all="ignore"):
        changed = state.arrays | {name: change(state.arrays.get(name))}
    refused(
        replace(state, arrays={k: a for k, a in changed.items() if a is not None}),
        message,
    )


def test_the_position_after_a_restart_counts_from_the_epoch() -> None:
    config = replace(CONFIG, restart_epochs=True)
    trainer = make(config)
    list(islice(trainer.run(), 14))
    state = trainer.capture()
    make(config).restore(state)
    with pytest.raises(CheckpointError, match="the position of"):
        make(CONFIG).restore(state)


def test_a_rate_that_was_reduced_a_thousand_times_is_zero() -> None:
    config = TrainConfig(schedule="plateau", lr=20.0)
    assert learning_rate(config, 0.5, 2) == 1.25
    assert learning_rate(config, 0.5, 1000) == 0
