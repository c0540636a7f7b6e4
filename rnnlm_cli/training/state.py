"""All that a trainer needs to go on from where it was."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from rnnlm_cli.arrays import Floats
from rnnlm_cli.schema import FloatOrNull


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
    best_nats: FloatOrNull = math.inf
    epochs_since_best: int = 0
    finished: bool = False


@dataclass(slots=True)
class Timings:
    """Measured seconds, which no two runs share."""

    elapsed: float = 0.0  # of earlier sessions of the run
    epoch_training: float = 0.0  # in this epoch, validation not counted
    fastest: float = 0.0  # words per second of the fastest step
    validation: FloatOrNull = math.nan  # of the last validation


Record = TypeVar("Record", Counters, Timings)


@dataclass(frozen=True, slots=True)
class TrainerState:
    """A snapshot: numbers and generator states that JSON can hold, and named arrays."""

    numbers: dict[str, Any]
    timings: dict[str, Any]
    arrays: dict[str, Floats]


def to_plain(record: Counters | Timings) -> dict[str, Any]:
    """The fields of `record` as JSON can hold them: null for what is not finite."""
    values = asdict(record)
    return {
        k: v if not isinstance(v, float) or math.isfinite(v) else None for k, v in values.items()
    }


def from_plain(kind: type[Record], values: dict[str, Any]) -> Record:
    """The reverse of `to_plain`: null stands for the default, which is then not finite."""
    return kind(**{key: value for key, value in values.items() if value is not None})
