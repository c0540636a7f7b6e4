"""How long a run is tried before its plan is made."""

from __future__ import annotations

import pytest

from rnnlm_cli.runs import choosing


@pytest.mark.parametrize(
    ("budget", "seconds"),
    [(None, 0.5), (3600.0, 5.0), (600.0, 3.0), (60.0, 0.5), (5.0, 0.1)],
)
def test_a_run_is_tried_the_longer_the_longer_it_is(budget: float | None, seconds: float) -> None:
    assert choosing._seconds(budget) == pytest.approx(seconds)
