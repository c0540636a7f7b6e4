from pathlib import Path
from typing import Any

import pytest

from rnnlm_cli.cli.showing import render
from rnnlm_cli.cli.showing.evaluations import show_evaluations

FIGURES = dict.fromkeys(
    ("nats_per_token", "bits_per_token", "perplexity", "standard_error", "perplexity_known"), 66.72
)
ROW: dict[str, Any] = FIGURES | {
    "checkpoint": "m.pkl", "corpus": "ptb", "split": "test", "protocol": "stream",
    "tokens": 82_430, "unknown": 4_794, "words_per_second": 9_000.0, "seconds": 189.6,
}  # fmt: skip
TRICKS = ["temper", "cache", "ngram", "dynamic"]
ADAPTED = [FIGURES | {"tricks": one, "settings": {}} for one in [*([t] for t in TRICKS), TRICKS]]


def shown(capsys: pytest.CaptureFixture[str], *rows: dict[str, Any]) -> list[str]:
    show_evaluations(list(rows))
    return [line.strip() for line in capsys.readouterr().out.splitlines() if line.strip()]


@pytest.mark.parametrize("width", [40, 80])
def test_a_narrow_terminal_breaks_no_name_and_no_number(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "_PIPE_WIDTH", width)
    lines = shown(capsys, ROW | {"adapted": ADAPTED})
    figures = lines[: lines.index("to repeat without tuning")]
    assert max(map(len, figures)) <= width
    assert {"tokens", "standard", "unknown"} <= {line.split(" ")[0] for line in figures}
    tables = [line.count("82,430") for line in figures if "82,430" in line]
    assert tables == {40: [2, 2, 2], 80: [6]}[width]
    assert "".join(figures).count("66.7200") == 2 * 6


def test_columns_with_room_for_all_are_one_table(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, ROW | {"adapted": ADAPTED})
    assert [line.count("82,430") for line in lines if "82,430" in line] == [6]


def test_names_that_are_too_long_for_a_column_stand_above_it_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "_PIPE_WIDTH", 80)
    folder = Path("/folder with blanks/吾輩/" + "long/" * 30)
    one, two, text = (str(folder / name) for name in ("a.pkl", "b.pkl", "text.txt"))
    rows = [ROW | {"checkpoint": path, "corpus": text} for path in (one, two, one)]
    lines = shown(capsys, *rows)
    assert lines[:3] == [f"model 1  {one}", f"model 2  {two}", f"text 1   {text}"]
    assert lines[3].split() == "model 1 model 2 model 1".split()
    assert lines[5].count("text 1 test") == 3


def test_short_names_stand_in_their_columns(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, ROW, ROW | {"checkpoint": "b.pkl"})[0].split() == ["m.pkl", "b.pkl"]


@pytest.mark.parametrize("width", [36, 42, 80])
def test_the_name_of_a_file_in_a_head_is_never_folded(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "_PIPE_WIDTH", width)
    name = "my first model (2).pkl"
    lines = shown(capsys, ROW | {"checkpoint": name}, ROW | {"checkpoint": name})
    heads = [line for line in lines if "model" in line]
    assert all(line.count("model") == line.count("my first model (2).pkl") for line in heads) or (
        heads[0] == f"model 1  {name}"
    )
    assert max(map(len, lines)) <= width


def test_a_table_in_a_pipe_has_no_blanks_at_the_end_of_its_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_evaluations([ROW])
    lines = capsys.readouterr().out.split("\n")
    assert lines == [line.rstrip() for line in lines]
    assert any("66.72" in line for line in lines)
