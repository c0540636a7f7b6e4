"""What a trainer reports as it goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rnnlm_cli.schema import FloatOrNan
from rnnlm_cli.scoring.figures import perplexity

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
    train_nats: FloatOrNan  # mean over the epoch, dropout on
    valid_nats: FloatOrNan
    lr: float  # of the last step
    gradient_norm: float  # mean over the epoch, before clipping
    is_best: bool
    words_per_second: float
    seconds: float  # since the run began
    share: float = 1.0  # of its steps that were made before the run was over

    @property
    def part(self) -> float | None:
        """The share of an epoch that is unfinished; None of a whole one."""
        return self.share if self.share < 1 else None

    @property
    def train_perplexity(self) -> float:
        """exp(train_nats)."""
        return perplexity(self.train_nats)

    @property
    def valid_perplexity(self) -> float:
        """exp(valid_nats)."""
        return perplexity(self.valid_nats)


def kept_epoch(history: Sequence[EpochReport], keep: Literal["best", "last"]) -> EpochReport | None:
    """The epoch whose weights a run with this `history` has kept, if there is one.

    A best one that was lost gives way to a worse: the last that was the best counts.
    """
    return next((row for row in reversed(history) if row.is_best or keep == "last"), None)
