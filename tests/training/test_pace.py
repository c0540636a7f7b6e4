import math
from typing import Any

import pytest

from rnnlm_cli.settings.train import TrainConfig
from rnnlm_cli.training.pace import Pace
from rnnlm_cli.training.state import Counters, Timings


def pace(now: float, *, valid_words: int = 30, **timings: float) -> Pace:
    """A budget of 100 seconds, of which `now` are gone; a step runs at 10 words a second."""
    kept: Any = {"fastest": 10.0, "elapsed": now} | timings
    config = TrainConfig(budget=100.0)
    return Pace(
        config,
        Counters(),
        Timings(**kept),
        steps_per_epoch=5,
        valid_words=valid_words,
        clock=lambda: 0.0,
    )


@pytest.mark.parametrize(
    ("now", "validation", "words", "has"),
    [
        (
            78.9,
            math.nan,
            600,
            True,
        ),  # 20 seconds for them, by the speed of a step, and 1 at the end
        (79.1, math.nan, 600, False),
        (75.9, 4.0, 150, True),  # 20 seconds, by that of a validation of 30 words, and 4 at the end
        (76.1, 4.0, 150, False),
    ],
)
def test_a_budget_keeps_the_time_of_its_last_validation(
    now: float, validation: float, words: int, has: bool
) -> None:
    assert pace(now, validation=validation).has_time_for(words) is has


def test_before_a_step_nobody_knows_what_a_budget_has_time_for() -> None:
    assert not pace(0.0, fastest=0.0).has_time_for(1)


def test_without_a_budget_there_is_time() -> None:
    found = pace(1e9, fastest=0.0)
    found.config = TrainConfig(epochs=1)
    assert found.has_time_for(10**9)
