"""Whether a saved state fits the trainer that is to go on from it.

Its types are those of `state.py` by then; here its numbers are compared with the run they are said
to be of, so that a trainer only ever goes on from where a trainer can have been.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from rnnlm_cli.arrays import Floats
from rnnlm_cli.errors import CheckpointError, quoted
from rnnlm_cli.model.parameters import check_finite
from rnnlm_cli.settings.train import TrainConfig
from rnnlm_cli.training.state import Counters, Timings


def check_progress(
    count: Counters, timings: Timings, config: TrainConfig, steps_per_epoch: int
) -> None:
    """Raises CheckpointError if a run with `config` cannot have come so far."""
    steps = count.step_in_epoch if config.restart_epochs else count.step
    jumps = count.position - steps * config.time_size  # of random offsets
    epochs = 1 if config.restart_epochs else count.epoch
    furthest = epochs * (config.time_size - 1) if config.random_offsets else 0
    possible = {
        "step": count.step >= count.step_in_epoch + count.epoch - 1,
        "epoch": count.epoch >= 1,
        "step in the epoch": 0 <= count.step_in_epoch <= steps_per_epoch,
        "position": 0 <= jumps <= furthest,
        "number of reductions": 0 <= count.reductions <= count.epoch,
        "number of epochs since the best": 0 <= count.epochs_since_best <= count.epoch,
        "number of averaged steps": 0 <= count.averaged <= count.step,
        "time": not any(seconds < 0 for seconds in asdict(timings).values()),
    }
    if wrong := [name for name, fits in possible.items() if not fits]:
        raise CheckpointError(f"the {wrong[0]} of the saved state is none that the run can reach")


def check_generators(states: Sequence[Any], generators: Sequence[np.random.Generator]) -> None:
    """Raises CheckpointError if `states` are not those of so many and such generators."""
    if len(states) != len(generators):
        found, needed = len(states), len(generators)
        raise CheckpointError(f"states of {found} random generators, but the run has {needed}")
    for state, generator in zip(states, generators, strict=True):
        twin = type(generator.bit_generator)()
        try:
            twin.state = state
        except (TypeError, ValueError, KeyError, OverflowError):
            raise CheckpointError("the state of a random generator is none") from None
        if twin.state != state:  # NumPy takes some numbers for others
            raise CheckpointError("the state of a random generator is out of range")


def check_arrays(arrays: Mapping[str, Floats], shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Raises CheckpointError if `arrays` are not finite float32 ones of these names and shapes."""
    if names := arrays.keys() ^ shapes.keys():
        names = {name for name in names if name in shapes} or names
        there = "is missing" if min(names) in shapes else "has no place in this run"
        raise CheckpointError(f"the array {quoted(min(names))} {there}")
    for name, shape in shapes.items():
        array = arrays[name]
        if array.dtype != np.float32 or array.shape != shape:
            found = f"{array.dtype} of shape {array.shape}"
            raise CheckpointError(f"{name} is {found}, but this run needs float32 of {shape}")
    check_finite(arrays)
