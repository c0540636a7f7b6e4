"""What a command is shown to print is told from what is something else."""

from pathlib import Path

import pytest

from tests.consoles import Command, arguments, commands_of, difference, run

CONSOLE = """$ rnnlm eval m.pkl \\
    --file t.txt
perplexity   12.34
time         3m07s
...
the end
$ rnnlm inspect
"""


def test_a_console_is_commands_and_what_they_show() -> None:
    command, other = commands_of(CONSOLE)
    assert command.line == "rnnlm eval m.pkl \\\n    --file t.txt"
    assert arguments(command.line) == ["eval", "m.pkl", "--file", "t.txt"]
    assert command.shown == ["perplexity   12.34", "time         3m07s", "...", "the end"]
    assert other == Command("rnnlm inspect")


@pytest.mark.parametrize(
    ("printed", "same"),
    [
        (["perplexity  12.35", "time  41s", "more", "more", "the end"], True),
        (["perplexity  12.50", "time  41s", "the end"], True),
        (["perplexity  13.00", "time  41s", "the end"], False),
        (["perplexity  12.34", "time  41s", "no end"], False),
        (["perplexities  12.34", "time  41s", "the end"], False),
        (["perplexity  12.34"], False),
        (["perplexity  12.34", "time  41s", "the end", "and more"], False),
        ([], False),
    ],
)
def test_figures_may_differ_a_little_and_words_may_not(printed: list[str], same: bool) -> None:
    command = next(commands_of(CONSOLE))
    assert (difference(command, printed) == "") is same


@pytest.mark.parametrize(
    ("printed", "same"),
    [
        (["--- 1 ---", "other words", "--- 2 ---", "too"], True),
        (["--- 1 ---", "other words"], False),
        (["one text"], False),
        ([], False),
    ],
)
def test_drawn_texts_are_compared_by_their_shape(printed: list[str], same: bool) -> None:
    command = Command("rnnlm generate --samples 2", ["--- 1 ---", "a b", "--- 2 ---", "c"])
    assert (difference(command, printed) == "") is same


def test_a_file_that_is_shown_is_made(tmp_path: Path) -> None:
    run(Command("cat a.tsv", ["x\ty", ""]), tmp_path)
    assert (tmp_path / "a.tsv").read_text() == "x\ty\n"


def test_a_file_that_was_made_before_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("made\n")
    assert run(Command("cat a.txt", ["shown"]), tmp_path) == ["made", ""]


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("f ▄▄▄ ▁ 0.61", "f █▁▁ ▂ 7.12", True),
        ("f ▄▄▄ ▁ 0.61", "g █▁▁ ▂ 7.12", False),
        ("['a text', 3]", "['another', 4]", True),
    ],
)
def test_by_shape_figures_and_texts_are_free(shown: str, printed: str, same: bool) -> None:
    command = Command("rnnlm inspect", [shown])
    assert (difference(command, [printed], by_shape=True) == "") is same
    assert difference(command, [printed])


@pytest.mark.parametrize(
    ("printed", "same"), [(["note   x", "b 2", "c 3"], True), (["b 2"], False), (["b"] * 3, False)]
)
def test_words_of_a_model_are_counted_by_shape(printed: list[str], same: bool) -> None:
    command = Command("rnnlm inspect --nearest a", ["x 1", "y 2"])
    assert (difference(command, printed, by_shape=True) == "") is same


def test_speeds_and_hashes_are_masked() -> None:
    shown = ["run    e95f16ef0fa0: 3 epochs", " 1  204.37  7,244  2m15s", "tokens/s  12,181"]
    found = ["run    0123456789ab: 9 epochs", " 1  204.37  4,004  13s", "tokens/s  1,181"]
    assert difference(Command("rnnlm train", shown), found) == ""
