"""When training has left the finite numbers: told in one sentence, before anything is spoilt."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from rnnlm_cli.arrays import Floats
from rnnlm_cli.errors import TrainingDiverged
from rnnlm_cli.scoring.figures import perplexity

_ADVICE = "start again with a smaller --lr or --max-grad"


def check_step(step: int, loss: float, norm: float, lr: float) -> None:
    """Stop before an update that would spoil the parameters. Raises TrainingDiverged."""
    # Clipped gradients can keep a loss of 1e28 nats finite: its perplexity is not.
    if not (math.isfinite(perplexity(loss)) and math.isfinite(norm)):
        raise TrainingDiverged(
            f"step {step}: loss {loss:.4g}, gradient norm {norm:.4g} at learning rate {lr:.4g}: "
            f"{_ADVICE}"
        )


def check_numbers(arrays: Sequence[Floats], step: int, lr: float) -> None:
    """Stop before a state is saved that the last update spoilt. Raises TrainingDiverged."""
    if not all(np.isfinite(array).all() for array in arrays):
        raise TrainingDiverged(
            f"step {step}: the update made numbers that are not finite at learning rate {lr:.4g}: "
            f"{_ADVICE}"
        )
