"""A run of a sweep, as it stands."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

State = Literal["waiting", "running", "done", "pruned", "failed"]


@dataclass(frozen=True, slots=True)
class Trial:
    """What is known of one run: perplexities are nan until they are known."""

    number: int
    params: Mapping[str, Any]
    state: State = "waiting"
    epoch: int = 0  # the last that was validated
    valid: float = math.nan  # perplexity of the kept model; before the end the least so far
    test: float = math.nan
    seconds: float = 0.0
    message: str = ""  # why it failed

    @property
    def has_ended(self) -> bool:
        """Whether it goes on no more."""
        return self.state in ("done", "pruned", "failed")


def best_of(trials: Iterable[Trial]) -> Trial | None:
    """The finished run with the least validation perplexity."""
    done = [trial for trial in trials if trial.state == "done"]
    return min(done, key=lambda trial: (trial.valid, trial.number), default=None)
