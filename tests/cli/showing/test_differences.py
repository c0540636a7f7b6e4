from typing import Any

import pytest

from rnnlm_cli.cli.showing.differences import show_differences

FOUND: dict[str, Any] = {
    "nats_per_line": -0.25, "interval": [-0.5, 0.0], "p": 0.0497, "lines": 3761, "blocks": 60,
}  # fmt: skip


def shown(capsys: pytest.CaptureFixture[str], *rows: dict[str, Any]) -> list[str]:
    show_differences(
        [{"corpus": "t"} | row for row in rows], ["a.pkl", "b.pkl", "c.pkl"][: len(rows)]
    )
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines() if line.strip()]


def test_each_model_is_told_beside_the_first(capsys: pytest.CaptureFixture[str]) -> None:
    rows = {"unknown": 3}, {"unknown": 3, "difference": FOUND}, {"unknown": 3, "difference": None}
    title, _, _, row = shown(capsys, *rows)
    assert title == "nats a line, less those of a.pkl: below 0 is better"
    assert row == "b.pkl -0.2500 -0.5000 to +0.0000 0.0497 3,761 60"


def test_a_small_p_is_not_0_and_other_unknown_words_are_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = {"unknown": 3}, {"unknown": 4, "difference": FOUND | {"p": 0.0}}
    lines = shown(capsys, *rows)
    assert "<0.0001" in lines[3]
    assert lines[4].startswith("An unknown word costs its <unk> alone")


def test_rows_of_several_texts_tell_them_and_their_unknown_words_are_of_one_model_each(
    capsys: pytest.CaptureFixture[str],
) -> None:
    texts = {"corpus": "t", "unknown": 3}, {"corpus": "u", "unknown": 4}
    rows = [*texts, *(text | {"difference": FOUND} for text in texts)]
    show_differences(rows, ["a", "a", "b", "b"])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines if "3,761" in line] == [["b,", "t"], ["b,", "u"]]
    assert not any("An unknown word" in line for line in lines)


def test_where_nothing_was_compared_nothing_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, {"unknown": 3}, {"unknown": 4, "difference": None}) == []
