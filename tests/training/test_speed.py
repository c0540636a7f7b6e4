"""How fast the machine is, and a run on it."""

from collections.abc import Iterator

from rnnlm_cli.training.reports import EpochReport, StepReport
from rnnlm_cli.training.speed import measured_flops, tried_speed


def test_the_machine_is_measured_in_a_moment() -> None:
    assert 1e8 < measured_flops(1) < 1e14


def reports(*speeds: float | None) -> Iterator[StepReport | EpochReport]:
    """A step with each of those speeds; an epoch's end where there is None."""
    for found in speeds:
        if found is None:
            yield EpochReport.__new__(EpochReport)
        else:
            step = StepReport.__new__(StepReport)
            object.__setattr__(step, "words_per_second", found)
            yield step


def test_the_first_steps_and_the_ends_of_epochs_do_not_count() -> None:
    endless = reports(1, 2, None, 10, 30, None, 20, 1_000)
    assert tried_speed(endless, 0) == 20
    assert next(endless).words_per_second == 1_000  # it was not taken


def test_a_trial_goes_on_for_its_time() -> None:
    assert tried_speed(reports(*range(50)), 60) == 25.5  # all there are, and not yet a minute
