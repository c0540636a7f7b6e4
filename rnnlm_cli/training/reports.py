"""What a trainer reports as it goes, and the numbers that make up its state."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from rnnlm_cli.arrays import Array
from rnnlm_cli.schema import FloatOrNull
from rnnlm_cli.scoring.evaluation import perplexity

TIMED = {"words_per_second", "seconds"}  # fields of EpochReport that no two runs share


@dataclass(frozen=True, slots=True)
class StepReport:
    """One update of the parameters."""

    step: int  # in the run, from 1
    epoch: int  # from 1
    step_in_epoch: int  # from 1
    steps_per_epoch: int
    nats_per_token: float
    lr: float
    gradient_norm: float  # before clipping
    progress: float  # share of the run that is done, 0 to 1
    words_per_second: float  # in this step
    seconds: float  # since the run began


@dataclass(frozen=True, slots=True)
class EpochReport:
    """One pass over the training text, or the part of it that the budget allowed."""

    epoch: int
    step: int
    train_nats: FloatOrNull  # mean over the epoch, dropout on
    valid_nats: FloatOrNull
    lr: float  # of the last step
    gradient_norm: float  # mean over the epoch, before clipping
    is_best: bool
    words_per_second: float
    seconds: float  # since the run began

    @property
    def train_perplexity(self) -> float:
        """exp(train_nats)."""
        return perplexity(self.train_nats)

    @property
    def valid_perplexity(self) -> float:
        """exp(valid_nats)."""
        return perplexity(self.valid_nats)


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


@dataclass(slots=True)
class LogLine:
    """The steps since the last line of the log: what the next one will tell."""

    steps: int = 0
    nats: float = 0.0  # summed over them
    norms: float = 0.0  # the same
    step: int = 0  # the last of them
    epoch: int = 1
    lr: float = 0.0


@dataclass(slots=True)
class LineTimings:
    """What no two runs share of a LogLine."""

    seconds_per_word: float = 0.0  # summed over its steps
    seconds: float = 0.0  # since the run began


Record = TypeVar("Record", Counters, Timings)


@dataclass(frozen=True, slots=True)
class TrainerState:
    """A snapshot: numbers and generator states that JSON can hold, and named arrays."""

    numbers: dict[str, Any]
    timings: dict[str, Any]
    arrays: dict[str, Array]


def to_plain(record: Counters | Timings) -> dict[str, Any]:
    """The fields of `record` as JSON can hold them: null for what is not finite."""
    values = asdict(record)
    return {
        k: v if not isinstance(v, float) or math.isfinite(v) else None for k, v in values.items()
    }


def from_plain(kind: type[Record], values: dict[str, Any]) -> Record:
    """The reverse of `to_plain`: null stands for the default, which is then not finite."""
    return kind(**{key: value for key, value in values.items() if value is not None})
