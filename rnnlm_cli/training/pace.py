"""How far a run has come, by whichever of its ends is nearest: epochs, steps or seconds."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Literal, get_args

from rnnlm_cli.settings.train import TrainConfig
from rnnlm_cli.training.state import Counters, Timings

Clock = Callable[[], float]
Limit = Literal["epochs", "steps", "budget", "patience"]  # settings that end a run
LIMITS: tuple[Limit, ...] = get_args(Limit)

# Before the first validation: scoring takes about a third of the time of training, and the fastest
# step tells what the machine can do when nothing else disturbs it.
SCORING = 1 / 3


class Pace:
    """Reads the counters and timings of a trainer; `clock` gives seconds from any beginning.

    `valid_words` are scored at the end of a run, for which a budget keeps a reserve.
    """

    def __init__(
        self,
        config: TrainConfig,
        counters: Counters,
        timings: Timings,
        *,
        steps_per_epoch: int,
        valid_words: int,
        clock: Clock = time.perf_counter,
    ) -> None:
        self.config, self.counters, self.timings = config, counters, timings
        self._steps_per_epoch, self._valid_words = steps_per_epoch, valid_words
        self._clock, self._began = clock, clock()

    @property
    def seconds(self) -> float:
        """Seconds since the run began, those before a resume included."""
        return self.timings.elapsed + self._clock() - self._began

    @property
    def progress(self) -> float:
        """The share of the run that is done, 0 to 1."""
        return min(1.0, max(self._shares().values(), default=0.0))

    def _shares(self) -> dict[Limit, float]:
        """The same by each end that the run has, but for its patience."""
        config, shares = self.config, dict[Limit, float]()
        if config.steps is not None:
            shares["steps"] = self.counters.step / config.steps
        if config.epochs is not None:
            shares["epochs"] = self.counters.step / (config.epochs * self._steps_per_epoch)
        if config.budget is not None:
            left = config.budget - self._reserve(config.budget)
            shares["budget"] = self.seconds / max(1e-9, left)
        return shares

    def _reserve(self, budget: float) -> float:
        """Seconds of the budget to keep for the last validation: at most half of it."""
        cost = self.timings.validation
        if math.isnan(cost):
            fastest = self.timings.fastest
            cost = SCORING * self._valid_words / fastest if fastest else 0.0
        return min(cost, budget / 2)

    def has_time_for(self, words: int) -> bool:
        """Whether a budget has time to score so many words beside those at its end."""
        budget, fastest = self.config.budget, self.timings.fastest
        if budget is None or not fastest:
            return budget is None
        scored = SCORING * words / fastest
        if self._valid_words and not math.isnan(self.timings.validation):
            scored = self.timings.validation * words / self._valid_words
        return self.seconds + scored < budget - self._reserve(budget)

    @property
    def is_over(self) -> bool:
        """Whether its budget, its steps or its epochs are used up.

        Epochs are counted by their steps: a run that ended amid one, and goes on, begins a new row.
        """
        return self.progress >= 1

    @property
    def out_of_patience(self) -> bool:
        """Whether so many epochs as the run is patient for have brought no better model."""
        patience = self.config.patience
        return patience is not None and self.counters.epochs_since_best >= patience

    @property
    def used_up(self) -> list[Limit]:
        """Of a run that has finished: the settings without more of which it cannot go on."""
        shares = self._shares()
        ends = {limit for limit, share in shares.items() if share >= 1}
        if self.out_of_patience:
            ends.add("patience")
        return [limit for limit in LIMITS if limit in ends]
