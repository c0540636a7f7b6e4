"""All that a trainer needs to go on from where it was."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any

from rnnlm_cli.arrays import Floats
from rnnlm_cli.schema import FloatOrInf, FloatOrNan


@dataclass(slots=True)
class Counters:
    """The plain numbers of a run: with the arrays of `TrainerState` all that a resume needs."""

    step: int = 0
    epoch: int = 1
    step_in_epoch: int = 0
    lr: float = 0.0  # of the last step
    position: int = 0  # of the next segment in every stream
    loss_sum: float = 0.0  # over this epoch
    norm_sum: float = 0.0
    averaged: int = 0  # steps whose weights are in the average
    reductions: int = 0  # times that the plateau schedule divided the rate
    best_nats: FloatOrInf = math.inf
    epochs_since_best: int = 0
    finished: bool = False

    def become(self, other: Counters) -> None:
        """Take the numbers of `other`; who holds this one goes on with them."""
        for field in fields(self):
            setattr(self, field.name, getattr(other, field.name))

    @property
    def amid_epoch(self) -> bool:
        """Whether an epoch was begun that has no report yet."""
        return self.step_in_epoch > 0 and not self.finished


@dataclass(slots=True)
class Timings:
    """Measured seconds, which no two runs share."""

    elapsed: float = 0.0  # of earlier sessions of the run
    epoch_training: float = 0.0  # in this epoch, validation not counted
    fastest: float = 0.0  # words per second of the fastest step
    validation: FloatOrNan = math.nan  # of the last validation


@dataclass(frozen=True, slots=True)
class TrainerState:
    """A snapshot: numbers, seconds, the states of random generators, and named arrays."""

    counters: Counters
    timings: Timings
    generators: list[dict[str, Any]]  # as NumPy tells and takes them
    arrays: dict[str, Floats]
