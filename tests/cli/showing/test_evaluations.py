import math
from pathlib import Path
from typing import Any

import pytest

from rnnlm_cli.cli.showing import render
from rnnlm_cli.cli.showing.evaluations import show_evaluations

FIGURES = dict.fromkeys(
    (
        "nats_per_token", "bits_per_token", "perplexity", "standard_error", "perplexity_known",
        "perplexity_without_eos",
    ),
    66.72,
) | {"bits_per_character": 1.1885, "characters_per_token": 5.46}  # fmt: skip
VOCABULARY = {"unit": "word", "lower": False, "rule": 1, "words": 9, "sha256": "0"}
ROW: dict[str, Any] = FIGURES | {
    "checkpoint": "m.pkl", "corpus": "ptb", "split": "test", "protocol": "stream",
    "tokens": 82_430, "unknown": 4_794, "unknown_share": 0.058, "words_per_second": 9_000.0,
    "eos": True, "seconds": 189.6, "corpus_sha256": "1", "vocabulary": VOCABULARY,
    "bits_per_character_is_lower_bound": True,
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


EXACT = ROW | {"unknown": 0, "unknown_share": 0.0, "bits_per_character_is_lower_bound": False}
CHARS = EXACT | {"vocabulary": VOCABULARY | {"unit": "char"}}
WITHOUT = {"bits_per_character": None, "characters_per_token": None}


def test_a_lower_bound_is_told_to_be_one_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, ROW)
    assert "bits a character ≥ 1.1885" in [" ".join(line.split()) for line in lines]
    assert lines[-1] == "≥: at least so many, because unknown words hide characters."
    lower = EXACT | {"bits_per_character_is_lower_bound": True}
    lower |= {"vocabulary": VOCABULARY | {"lower": True}}
    assert shown(capsys, lower)[-1].endswith("because capitals made small hide characters.")
    assert "≥" not in "".join(shown(capsys, EXACT))


def test_models_of_one_vocabulary_need_no_note(capsys: pytest.CaptureFixture[str]) -> None:
    assert "compare" not in "".join(shown(capsys, EXACT, EXACT | {"checkpoint": "b.pkl"}))


@pytest.mark.parametrize(
    ("other", "note"),
    [
        (CHARS, "only bits a character may be compared"),
        (EXACT | {"vocabulary": VOCABULARY | {"sha256": "9"}}, "only bits a character"),
        (EXACT | {"corpus_sha256": "9"}, "These are different texts: no row may"),
        (CHARS | {"split": "valid"}, "These are different texts: no row may"),
    ],
)
def test_a_note_says_which_rows_of_two_models_may_be_compared(
    other: dict[str, Any], note: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert note in shown(capsys, EXACT, other)[-1]


def test_where_no_characters_are_known_no_row_compares_two_units(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = shown(capsys, ROW | WITHOUT, CHARS | WITHOUT)
    assert "no row may be compared" in lines[-1]
    assert not [line for line in lines[:-1] if "character" in line]


def test_without_line_ends_the_count_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    row = ROW | WITHOUT | {"eos": False, "perplexity_without_eos": math.nan}
    lines = shown(capsys, row)
    assert "82,430 without <eos>" in "".join(lines)
    assert not [line for line in lines if line.startswith("perplexity without <eos>")]


def test_what_repeats_tricks_names_the_model_where_there_are_several(
    capsys: pytest.CaptureFixture[str],
) -> None:
    row = ROW | {"adapted": ADAPTED[:1]}
    lines = shown(capsys, *(row | {"checkpoint": name} for name in ("a", "a", "b", "b")))
    at = lines.index("to repeat without tuning")
    assert [" ".join(line.split()) for line in lines[at + 1 :]] == ["a + temper", "b + temper"]
    lines = shown(capsys, row)
    assert lines[-1] == "+ temper"
