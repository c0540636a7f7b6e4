import math
from dataclasses import replace

import pytest

from rnnlm_cli.cli.showing import epochs
from rnnlm_cli.training.reports import EpochReport

ROW = EpochReport(
    epoch=2,
    step=74,
    train_nats=math.log(1234.5),
    valid_nats=math.log(9.0),
    lr=0.00013513,
    gradient_norm=0.29901,
    is_best=True,
    words_per_second=8199.4,
    seconds=61.0,
)


def test_a_sparkline_has_a_bar_a_value_and_a_blank_where_one_is_missing() -> None:
    assert epochs.sparkline([800.0, math.inf, 100.0]) == "█ ▁"
    assert epochs.sparkline([5.0, 5.0]) == "▁▁"
    assert epochs.sparkline([]) == ""
    assert epochs.sparkline([math.nan, 5.0]) == " ▁"


def test_an_epoch_is_one_row_live_and_remembered(capsys: pytest.CaptureFixture[str]) -> None:
    cells = epochs.figures(ROW)
    assert cells == ("2", "1,234.50", "9.00", "0.0001351", "0.299", "8,199", "1m01s")
    line = "     2   1,234.50       9.00 0.0001351       0.299     8,199    1m01s"
    assert epochs.as_line(cells) == line
    epochs.show_history([ROW])
    shown = capsys.readouterr().out
    assert [row.split() for row in (epochs.as_line(epochs.HEADS), line)] == [
        row.split() for row in shown.splitlines() if row.strip()[:1] in ("e", "2")
    ]


def test_a_narrow_terminal_is_told_less_of_an_epoch_and_what_matters_most() -> None:
    cells = epochs.figures(ROW)
    lines = {room: epochs.as_line(cells, room) for room in (69, 68, 60, 50, 40, 20)}
    assert lines[69] == epochs.as_line(cells)
    assert lines[68] == lines[60] == "     2   1,234.50       9.00 0.0001351     8,199    1m01s"
    assert lines[50] == "     2   1,234.50       9.00     8,199    1m01s"
    assert lines[40] == lines[20] == "     2   1,234.50       9.00    1m01s"


def test_a_perplexity_that_is_not_known_is_not_infinite() -> None:
    row = replace(ROW, train_nats=math.nan, valid_nats=math.inf)
    assert epochs.figures(row)[1:3] == ("—", "inf")


@pytest.mark.parametrize(
    ("share", "shown"), [(0.61, "2 (61%)"), (0.999, "2 (99%)"), (1e-9, "2 (1%)"), (1.0, "2")]
)
def test_an_epoch_that_was_cut_short_says_how_much_of_it_there_was(
    share: float, shown: str
) -> None:
    row = replace(ROW, share=share)
    assert epochs.figures(row)[0] == shown
    whole, line = epochs.as_line(epochs.figures(ROW)), epochs.as_line(epochs.figures(row))
    assert line.index("1,234.50") == whole.index("1,234.50")  # what is behind stays where it was
    assert line.startswith(f" {shown}".rjust(6))
