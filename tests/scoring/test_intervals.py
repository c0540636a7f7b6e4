import math

import pytest

from rnnlm_cli.scoring.intervals import Share, student_inside, student_reach, wilson_interval


def test_wilsons_interval_is_that_of_published_examples() -> None:
    # Newcombe (1998), Statistics in Medicine 17, table I, method 3
    for points, total, low, high in [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ]:
        assert wilson_interval(points, total) == pytest.approx((low, high), abs=5e-5)


def test_an_interval_stays_between_0_and_1_and_of_nothing_there_is_none() -> None:
    assert wilson_interval(7, 7)[1] == pytest.approx(1)
    assert wilson_interval(0, 7)[0] == 0 <= 1 - wilson_interval(7, 7)[1]
    assert all(map(math.isnan, wilson_interval(0, 0)))
    low, high = wilson_interval(3.5, 7)
    assert low == pytest.approx(1 - high)


@pytest.mark.parametrize(
    ("freedom", "t"),  # the quantiles of the tables, 0.975
    [(1, 12.7062), (2, 4.30265), (3, 3.18245), (4, 2.77645), (29, 2.04523), (60, 2.00030)],
)
def test_students_quantiles_are_those_of_the_tables(freedom: int, t: float) -> None:
    assert student_reach(freedom) == pytest.approx(t, rel=2e-6)


def test_students_distribution_is_the_arc_tangent_of_one_degree_and_normal_of_many() -> None:
    assert student_inside(1, 1) == pytest.approx(0.5)
    assert student_inside(2, 5000) == pytest.approx(math.erf(2 / math.sqrt(2)), abs=1e-4)
    assert student_inside(0, 7) == 0
    assert student_inside(50, 40) == pytest.approx(1)


def test_a_share_is_of_its_trials_and_of_none_no_number() -> None:
    share = Share(2.5, 4)
    assert (share.value, share.interval) == (0.625, wilson_interval(2.5, 4))
    assert math.isnan(Share(0, 0).value)
