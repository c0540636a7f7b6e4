"""What texts that are drawn side by side begin with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rnnlm_cli.arrays import Ids
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.generating.stepping import Stepper
from rnnlm_cli.model.model import LanguageModel


@dataclass(frozen=True, slots=True)
class Start:
    """The words that a model reads first, of which so many come `before` the texts.

    Raises ConfigError where it has nothing to read.
    """

    read: Sequence[int]
    before: int = 0

    def __post_init__(self) -> None:
        if not len(self.read):
            raise ConfigError("generation needs at least one start word: give a start")

    @property
    def words(self) -> Sequence[int]:
        """Those that the texts have."""
        return self.read[self.before :]

    def stepper(self, model: LanguageModel, N: int) -> Stepper:
        """N texts that have read all but the last word, which gives the first scores."""
        return Stepper.after(model, self.read[:-1], N)

    def last(self, N: int) -> Ids:
        """(N,): that last word."""
        return np.full(N, self.read[-1], np.int32)
