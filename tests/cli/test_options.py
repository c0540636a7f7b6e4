import pytest
import typer

from rnnlm_cli.cli.options import parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("10m", 600), ("1h", 3600), ("1h30m", 5400), ("1.5m", 90), ("1h0m1s", 3601)],
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "10", "m", "-1m", "nan", "10 m", "1m1h", "１m", "1h\n"])
def test_what_is_no_duration_is_bad_usage(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        parse_duration(text)
