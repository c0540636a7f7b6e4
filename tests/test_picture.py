"""README's picture shows what the program says today: see scripts/picture."""

import re
import shlex
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from xml.etree import ElementTree

import pytest

from rnnlm_cli.settings.presets import PRESETS
from rnnlm_cli.training import planning
from tests.cli.test_commands import run

PICTURE = Path(__file__).parents[1] / "docs" / "session.svg"
_RUN_ID = re.compile(r"\b[0-9a-f]{12}\b")
_SAMPLE = re.compile(r"^ {8}\S.*\n", re.MULTILINE)
_FIGURE = re.compile(r" *\d[\d.,]*(?:e-\d+)?(?:(?:[hm]\d+)?[sm])?\b")


def without_figures(text: str) -> list[str]:
    """The lines of `text`, of equal ones that follow one another the first.

    Without those that only a slow run writes into a log, how far it is inside an epoch, and the
    texts that another model writes as it learns.
    """
    lines = _FIGURE.sub(" #", _RUN_ID.sub("#", _SAMPLE.sub("", text))).splitlines()
    told = (line.rstrip() for line in lines if not line.startswith("epoch #, #%:"))
    return [line for line, _ in groupby(told)]


def test_the_picture_is_not_older_than_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(planning, "_EPOCHS", (2, 2))
    tiny = PRESETS["tiny"]
    small = replace(tiny, settings=dict(tiny.settings, wordvec_size=3, hidden_size=4))
    monkeypatch.setitem(PRESETS, "tiny", small)
    screen = ElementTree.parse(PICTURE).findtext("{*}desc") or ""
    _, *shown = re.split(r"^\$ ", screen.strip(), flags=re.MULTILINE)
    assert [line.split()[1] for line in shown] == ["train", "generate"]
    for command, lines in (each.split("\n", 1) for each in shown):
        said = run(*shlex.split(command)[1:])
        assert said.exit_code == 0, said.output
        if command.startswith("rnnlm train"):  # what is written else is another model's
            older = "older than the program: draw it again with scripts/picture"
            assert _SAMPLE.search(lines)
            assert without_figures(lines) == without_figures(said.stderr + said.stdout), older
