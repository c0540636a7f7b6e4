import json
import os
from pathlib import Path

import pytest

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.tasks.contrasts.formulas import Formula

SUMS = {
    ("1", "a"): 1.0, ("2", "a"): 2.0, ("*", "a"): 3.0, ("1", "b-c"): 4.0, ("2", "b-c"): 4.0009,
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("(1;%a%) < (2;%a%)", True),
        ("(1;%a%)>(2;%a%)", False),
        ("(1;%a%) + (2;%a%) = (*;%a%)", True),
        ("(1;%b-c%) = (2;%b-c%)", True),  # within the tolerance ...
        ("(1;%b-c%) < (2;%b-c%)", False),  # ... so that neither is less
        ("(1;%b-c%) > (2;%b-c%)", False),
        ("(1;%b-c%) - (2;%a%) - (1;%a%) = 1", True),  # from left to right
        ("(1;%b-c%) - [(2;%a%) - (1;%a%)] = 3.0", True),
        ("[ [(1;%a%)] ] < ((2;%a%))", True),
        ("(1;%a%) < 0 & (1;%a%) < 9 | 1 < 2", True),
        ("1 < 2 | (1;%a%) < 9 & (1;%a%) < 0", True),  # & binds tighter
        ("[1 < 2 | 1 < 2] & (1;%a%) < 0", False),
        (" ( 01 ;%a% ) < (* ; %a%)\n", True),
    ],
)
def test_formulas_mean_what_they_say(text: str, holds: bool) -> None:
    assert Formula.parse(text)(SUMS) is holds


def test_references_are_told_once_each() -> None:
    formula = Formula.parse("(01;%a%) < (*;%b c%) & (1;%a%) > 0")
    assert formula.references == (("1", "a"), ("*", "b c"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "has its end at character 1, but a region, a number or a bracket"),
        ("(1;%a%)", "compares nothing"),
        ("(1;%a%) <", "has its end at character 10"),
        ("(1;%a%) * 2 < 3", r"has '\*' at character 9, but end"),
        ("[1 < 2)", r"has '\)' at character 7, but '\]'"),
        ("1 < 2 < 3", "has '<' at character 7, but end"),
        ("(1 < 2) + 1 > 0", "has '\\+' at character 9, but a number of bits on both sides"),
        ("1 & 1 < 2", "has '&' at character 3, but a comparison on both sides"),
        ("(1;%a) < 2", "has ';' at character 3"),
        ("(" + "9" * 5000 + ";%a%) < 2", "has ';' at character 5002"),
        ("__import__('os')", "has '_' at character 1"),
        ("[" * 5000 + "1<2" + "]" * 5000, r"has '\[' at character 101"),
        ("1" + "+1" * 5000 + "<2", "has '1' at character 501, but its end"),
    ],
)
def test_what_is_no_formula_is_refused_with_its_place(text: str, told: str) -> None:
    with pytest.raises(CorpusError, match=told):
        Formula.parse(text)


SUITES = Path(os.environ.get("RNNLM_DATA", ""), "syntaxgym", "json")


@pytest.mark.skipif(not SUITES.exists(), reason="needs RNNLM_DATA with syntaxgym")
def test_every_prediction_of_the_published_suites_is_read() -> None:
    paths = sorted(SUITES.glob("*.json"))
    assert len(paths) == 34
    for path in paths:
        for prediction in json.loads(path.read_text(encoding="utf-8"))["predictions"]:
            assert Formula.parse(prediction["formula"]).references


def test_as_long_a_formula_as_may_be_is_evaluated() -> None:
    assert Formula.parse("1" + "+1" * 240 + "=241")({})
