import pytest

from rnnlm_cli.settings.train import read_duration, write_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("10m", 600), ("1h", 3600), ("1h30m", 5400), ("1.5m", 90), ("1h0m1s", 3601)],
)
def test_durations(text: str, seconds: float) -> None:
    assert read_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "10", "m", "-1m", "nan", "10 m", "1m1h", "１m", "1h\n"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration: write it as 90s, 10m or 1h30m"):
        read_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (60.0, "60s"),
        (0.1 + 0.2, "0.30000000000000004s"),
        (1e-7, "0.0000001s"),
        (1e9, "1000000000s"),
    ],
)
def test_a_duration_is_written_as_it_is_read_to_the_bit(seconds: float, text: str) -> None:
    assert write_duration(seconds) == text
    assert read_duration(text) == seconds
