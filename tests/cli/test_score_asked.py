"""What `score` is asked for: one record, of options that go together."""

import pytest

from rnnlm_cli.cli.score_asked import AskedDrawing, AskedRows, AskedSuites, asked_of
from rnnlm_cli.corpus.given_text import GivenLines

TEXT = [GivenLines.of_text("one line\nand another\n")]


def test_rows_are_of_lines_and_a_note_says_so_unless_that_was_asked() -> None:
    asked = asked_of({"text": TEXT}, 1, {})
    assert isinstance(asked, AskedRows)
    assert (asked.config.context, asked.out) == ("line", None)
    assert asked.note is not None
    assert "each line is scored by itself" in asked.note
    told = asked_of({"text": TEXT}, 1, {"context": "line"})
    assert isinstance(told, AskedRows)
    assert told.note is None


def test_tricks_make_one_text_of_the_lines() -> None:
    asked = asked_of({"text": TEXT}, 1, {"cache": True, "bars": True})
    assert isinstance(asked, AskedDrawing)
    assert (asked.config.context, asked.bars, asked.heat) == ("text", True, False)
    assert asked.note == "tricks score all lines as one text"


@pytest.mark.parametrize("options", [{}, {"json": True, "eos": False}])
def test_suites_have_line_ends_and_no_json_unless_asked(options: dict[str, bool]) -> None:
    asked = asked_of({"suite": ["s.json"], "text": []}, 1, options)
    eos, json = options.get("eos", True), "json" in options
    assert asked == AskedSuites(files=["s.json"], eos=eos, json=json)
