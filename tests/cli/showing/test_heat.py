from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from rnnlm_cli.arrays import BIT
from rnnlm_cli.cli.showing import heat
from rnnlm_cli.cli.showing.heat import show_bars, show_heat
from rnnlm_cli.scoring.passages import Scores
from rnnlm_cli.tasks.passage import Passage
from rnnlm_cli.tasks.scorer import ScoredPassage

IDS, BITS = np.zeros(3, int), np.array([0.5, 9, 30])
PASSAGE = Passage("a  猫\x1b\n", ((0, 1), (3, 5), (5, 6)), IDS)
SCORED = ScoredPassage(PASSAGE, Scores(IDS, BITS * BIT, None))


def shown(monkeypatch: pytest.MonkeyPatch, draw: object, **how: object) -> str:
    out = StringIO()
    monkeypatch.setattr(heat, "console", lambda: Console(file=out, markup=False, **how))  # type: ignore[arg-type]
    draw([SCORED])  # type: ignore[operator]
    return out.getvalue()


def test_heat_colours_tokens_alone_and_tells_what_the_colours_mean(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = shown(monkeypatch, show_heat, force_terminal=True, color_system="256", width=60)
    assert "48;5;231ma\x1b[0m  \x1b[30;48;5;75m猫" in text
    assert "\\x1b" in text
    assert "48;5;17m↵" in text
    assert text.splitlines()[-1].startswith("bits")


@pytest.mark.parametrize("colours", [None, "standard"])
def test_without_256_colours_a_token_has_its_bits_behind_it(
    colours: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = shown(monkeypatch, show_heat, width=60, color_system=colours)
    assert text == "a(0)  猫\\x1b(9)↵(30)\n"


@pytest.mark.parametrize(("text", "line"), [("a b\n", "a(0) b(9)\n"), ("a b c", "a(0) b(9) c\n")])
def test_what_stands_behind_the_last_token_is_shown_and_a_line_ends(
    monkeypatch: pytest.MonkeyPatch, text: str, line: str
) -> None:
    out = StringIO()
    monkeypatch.setattr(heat, "console", lambda: Console(file=out, markup=False))
    passage = Passage(text, ((0, 1), (2, 3)), IDS[:2])  # as without its <eos>
    show_heat([ScoredPassage(passage, Scores(IDS[:2], BITS[:2] * BIT, None))] * 2)
    assert out.getvalue() == line * 2


@pytest.mark.parametrize("width", [40, 60, 300])
def test_bars_fit_the_terminal_and_grow_with_the_bits(
    monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    text = shown(monkeypatch, show_bars, width=width, color_system=None)
    lines = text.splitlines()
    assert len(lines) == 3
    bars = [line.count("█") for line in lines]
    assert bars == sorted(bars)
    assert bars[-1] == min(width, 100) - 32
