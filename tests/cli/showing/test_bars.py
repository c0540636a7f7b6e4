"""The live line, on a terminal that wraps what stands on it when it becomes narrower."""

import sys

import pytest
from rich.cells import cell_len

from rnnlm_cli.cli.showing import bars
from rnnlm_cli.cli.showing.bars import LiveLine, bar, counted


class Terminal:
    """Rows of text, as a terminal has them that wraps its lines anew when its width changes."""

    def __init__(self, columns: int) -> None:
        self.columns, self.lines, self.up = columns, ["a row of a table"], 0
        self.write("\n")

    def write(self, text: str) -> None:
        while text:
            if text.startswith("\x1b[1A"):
                self.up, text = self.up + 1, text[4:]
            elif text.startswith("\x1b[J"):
                self._erase()
                text = text[3:]
            elif text[0] in "\r\n":
                self.lines += [""] if text[0] == "\n" else []
                self.up, text = 0, text[1:]
            else:
                self.lines[-1], text = self.lines[-1] + text[0], text[1:]

    def _erase(self) -> None:
        rows = [line[k : k + self.columns] for line in self.lines for k in _starts(line, self)]
        self.lines = [*rows[: len(rows) - 1 - self.up], ""]

    def flush(self) -> None:
        pass


def _starts(line: str, terminal: Terminal) -> range:
    return range(0, max(1, len(line)), terminal.columns)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    made = Terminal(80)
    for name, value in {"TERM": "xterm", "NO_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr(bars, "columns", lambda: made.columns)
    monkeypatch.setattr(bars, "_EVERY", 0.0)
    monkeypatch.setattr(LiveLine, "_write", lambda self, text: made.write(text))
    return made


def test_a_line_leaves_nothing_when_the_terminal_changes_its_width(terminal: Terminal) -> None:
    line = LiveLine()
    for share, columns in enumerate([80, 60, 33, 25, 70, 120, 50, 50]):
        terminal.columns = columns
        line.show("epoch 1", share / 10, "ppl 9.9")
        *others, shown = terminal.lines
        assert "".join(others) == "a row of a table"
        assert cell_len(shown) == min(columns - 5, 100)  # ^C^C has room behind it
        assert shown.endswith(f" {share * 10}% ppl 9.9")
    terminal.columns = 20
    line.clear()
    assert "".join(terminal.lines) == "a row of a table"


def test_a_line_without_room_for_a_bar_tells_the_first_of_what_it_knows(terminal: Terminal) -> None:
    terminal.columns = 30
    line = LiveLine()
    line.show("epoch 1", 0.05, "102 words/s  ppl 188.1")
    assert terminal.lines[-1] == "epoch 1   5% 102 words/s "


def test_a_line_leaves_nothing_when_it_is_interrupted(terminal: Terminal) -> None:
    for columns in (20, 60, 80):
        terminal.columns = columns
        line = LiveLine()
        line.show("epoch 1", 0.5, "ppl 9.9")
        terminal.write("^C^C")
        line.clear()
        assert "".join(terminal.lines) == "a row of a table"


def test_what_is_soon_over_shows_no_bar(terminal: Terminal) -> None:
    with bar("tuning", 100) as progress:
        progress(50)
    assert terminal.lines == ["a row of a table", ""]


def test_a_bar_tells_how_fast_it_goes_and_is_gone_at_its_end(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bars, "_DELAY", 0.0)
    with bar("tuning", 100) as progress:
        progress(25)
        progress(25)
        assert terminal.lines[-1].startswith("tuning ━━")
        assert " 50% " in terminal.lines[-1]
        assert terminal.lines[-1].endswith("s left")
    assert terminal.lines == ["a row of a table", ""]


def test_a_bar_without_a_total_counts_and_shows_no_share(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bars, "_DELAY", 0.0)
    for taken, _ in enumerate(counted(range(3), None, "pairs")):
        assert not taken or terminal.lines[-1].startswith(f"{taken} pairs  ")
        assert "%" not in terminal.lines[-1]
        assert "━" not in terminal.lines[-1]
        assert "left" not in terminal.lines[-1]


class Closed:
    """The stderr of a terminal that is gone, in which something is left that it has not taken."""

    encoding = "utf-8"

    def write(self, text: str) -> int:
        raise OSError(5, "Input/output error")

    def flush(self) -> None:
        raise OSError(5, "Input/output error")

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return 2


def test_a_terminal_that_is_closed_is_no_reason_to_lose_a_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", Closed())
    line = LiveLine()
    assert line.on_terminal
    line.show("epoch 1", 0.5, "")
    line.clear()
