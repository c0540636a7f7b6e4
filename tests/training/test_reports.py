from dataclasses import replace

from rnnlm_cli.training.reports import EpochReport, kept_epoch

ROW = EpochReport(1, 5, 3.0, 2.0, 0.1, 1.0, True, 100.0, 1.0)


def test_a_part_is_of_an_epoch_that_is_unfinished() -> None:
    assert ROW.part is None
    assert replace(ROW, share=0.25).part == 0.25


def test_the_last_epoch_that_was_the_best_is_kept_or_the_last_of_all() -> None:
    rows = [ROW, replace(ROW, valid_nats=2.5), replace(ROW, valid_nats=3.0, is_best=False)]
    assert kept_epoch(rows, "best") is rows[1]  # the first was lost
    assert kept_epoch(rows, "last") is rows[2]
    assert kept_epoch(rows[2:], "best") is kept_epoch([], "last") is None
