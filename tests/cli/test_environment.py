"""Widths, colours, dumb terminals, other days: what the environment says, and long odd paths."""

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.cli.terminal import STYLING, Shown, in_pipes, in_terminal

COLOUR = re.compile(r"\x1b\[(?:\d;)*3\dm")


@pytest.fixture(scope="module")
def model(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model under a path of blanks, letters of other scripts, and more than 150 characters."""
    folder = tmp_path_factory.mktemp("odd") / "with blanks" / "吾輩 ñ" / ("long" * 40)
    folder.mkdir(parents=True)
    for path in (trained, trained.with_name("simple.txt")):
        shutil.copy(path, folder)
    return folder / "m.pkl"


def commands(model: Path) -> list[list[str]]:
    return [
        ["eval", str(model), "--ngram"],
        ["inspect", str(model)],
        ["inspect", str(model), "--json"],
        ["generate", str(model), "--length", "20"],
        ["eval", f"{model}.none"],
    ]


def check(shown: list[Shown], model: Path) -> None:
    """Every path and every figure is whole."""
    assert [each.code for each in shown] == [0, 0, 0, 0, 1]
    plain = [STYLING.sub("", each.out) for each in shown]
    for out in plain[:2]:
        assert str(model) in out
    assert plain[0].count(" 210 ") == 2  # tokens scored, of both columns
    assert json.loads(plain[2])["checkpoint"] == str(model)
    assert "m.pkl.none'" in shown[-1].out + shown[-1].err


@pytest.mark.parametrize(
    ("settings", "coloured"),
    [
        ({"COLUMNS": "40", "NO_COLOR": "1"}, False),
        ({"COLUMNS": "80", "TERM": "dumb", "TZ": "Pacific/Kiritimati"}, False),
        ({"COLUMNS": "300"}, True),
    ],
    ids=str,
)
def test_what_a_terminal_shows_is_whole(
    settings: dict[str, str], coloured: bool, model: Path
) -> None:
    shown = in_terminal(commands(model), model.parent, **settings)
    check(shown, model)
    assert bool(COLOUR.search(shown[0].out)) is coloured


def test_a_pipe_has_no_width_and_the_colours_that_are_forced(model: Path) -> None:
    shown = in_pipes(commands(model), model.parent, COLUMNS="40", FORCE_COLOR="1")
    check(shown, model)
    assert COLOUR.search(shown[0].out)
    assert COLOUR.match(shown[-1].err)
    assert not any("\x1b" in each.out for each in shown[2:4])  # a document, and a text
