import math
import re
import sys

import pytest

from rnnlm_cli.cli.showing import render
from rnnlm_cli.errors import printable


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.4, "0s"), (59.4, "59s"), (60, "1m00s"), (187, "3m07s"), (7500, "2h05m")],
)
def test_durations(seconds: float, shown: str) -> None:
    assert render.duration(seconds) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1234.567, "1,234.57"), (math.nan, "—"), (math.inf, "inf"), (1e200, "1e+200"), (0.0, "0.00")],
)
def test_numbers_of_a_table(value: float, shown: str) -> None:
    assert render.number(value) == shown


def test_json_has_no_nan(capsys: pytest.CaptureFixture[str]) -> None:
    render.print_json({"a": [math.nan, 1.5], "b": (math.inf, "吾")})
    assert capsys.readouterr().out.split() == '{ "a": [ null, 1.5 ], "b": [ null, "吾" ] }'.split()


@pytest.mark.parametrize("word", ["[red]x[/red]", "[/]", ":smile:", "\x1b]52;c;x\x07", "\u202eabc"])
def test_words_are_data_not_markup(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown = render.table("word")
    render.add_row(shown, word)
    render.console().print(shown)
    render.say_error(word)
    captured = capsys.readouterr()
    for text in (captured.out, captured.err):
        assert printable(word) in text
        assert "\x1b" not in text


def test_no_value_is_folded_on_a_narrow_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "_PIPE_WIDTH", 40)
    path = "/folder with blanks/吾輩" * 9
    render.show_pairs([("try", f"rnnlm eval {path}"), ("吾輩", 3)], title=path)
    assert capsys.readouterr().out == f"{path}\ntry   rnnlm eval {path}\n吾輩  3\n"


def test_a_pipe_gets_whole_paths(capsys: pytest.CaptureFixture[str]) -> None:
    shown = render.table("name", "at hand")
    render.add_row(shown, "ptb", path := "/folder" * 500)
    render.console().print(shown)
    assert path in capsys.readouterr().out


def test_what_a_pipe_gets_of_a_table_ends_with_its_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = render.table("name", "at hand")
    shown.columns[1].justify = "left"
    for where in ("no", "in a folder"):
        render.add_row(shown, "ptb", where)
    render.show_table(shown)
    render.show_columns(["name", "right (95%)"], [["a", "1"]], [["all", "62.5%"]])
    out = capsys.readouterr().out
    assert not re.search(" \n", out)


def test_no_colour_of_a_pipe_hides_blanks_behind_the_last_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")
    shown = render.table("a", "b")
    shown.columns[1].justify = "left"
    for cells in (("1", "two"), ("3", "fourteen")):
        render.add_row(shown, *cells, style="green")
    render.show_table(shown)
    out = capsys.readouterr().out
    assert "\x1b[32m" in out
    plain = re.sub(r"\x1b\[[0-9;]*m", "", out)
    assert plain == "\n".join(line.rstrip() for line in plain.split("\n"))


@pytest.mark.parametrize(("terminal", "erasure"), [(True, "\r\x1b[2K"), (False, "")])
def test_what_was_stopped_stands_in_the_place_of_what_the_terminal_wrote(
    terminal: bool,
    erasure: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    render.say_stopped()
    assert capsys.readouterr().err.startswith(f"{erasure}error: stopped")
