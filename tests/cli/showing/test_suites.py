import json

import pytest

from rnnlm_cli.cli.showing.documents import suites_document
from rnnlm_cli.cli.showing.render import print_json
from rnnlm_cli.cli.showing.suites import same_note, show_suites
from rnnlm_cli.tasks.contrasts.formulas import Formula
from rnnlm_cli.tasks.contrasts.suites import ItemScore, Suite, SuiteScore


def scored(name: str, *holds: tuple[bool, bool], same: bool = False) -> SuiteScore:
    formulas = Formula.parse("(1;%a%) < (1;%b%)"), Formula.parse("(1;%a%) > 0")
    pairs = (("a", "b"),) if same else ()
    bits = {("1", "a"): 2.5, ("*", "a"): 2.5, ("1", "b"): 2.5, ("*", "b"): 2.5}
    items = tuple(ItemScore(n, bits, each, pairs) for n, each in enumerate(holds, 1))
    return SuiteScore(Suite(name, "x", formulas, ()), items, tokens=20, unknown=3)


TWO = [
    scored("npi", (True, True), (True, False), (True, True), (False, True)),
    scored("npz", (False, True), same=True),
]


def lines(capsys: pytest.CaptureFixture[str], scores: list[SuiteScore]) -> list[list[str]]:
    show_suites(scores)
    return [line.split() for line in capsys.readouterr().out.splitlines() if line.strip()]


def test_a_suite_is_a_row_and_several_have_a_mean(capsys: pytest.CaptureFixture[str]) -> None:
    _, _, npi, npz, mean = lines(capsys, TWO)
    assert npi == "npi 4 50.0% (15.0–85.0) 75.0% 75.0% 0.0% 50.0% 15.0%".split()
    assert npz == "npz 1 0.0% (0.0–79.3) 0.0% 100.0% 100.0% — 15.0%".split()
    assert mean == "mean of 2 suites 5 25.0% 20.0% 50.0% 15.0%".split()
    assert len(lines(capsys, TWO[:1])) == 3


def test_a_suite_whose_conditions_are_the_same_to_the_model_is_told() -> None:
    assert same_note(TWO[0]) is None
    told = same_note(TWO[1])
    assert told is not None
    assert told.startswith("npz: 1 of 1 items have conditions that are the same tokens")
    assert "item 1: a and b" in told


def test_the_document_has_every_item_and_every_region(capsys: pytest.CaptureFixture[str]) -> None:
    print_json(suites_document(TWO))
    document = json.loads(capsys.readouterr().out)
    assert document["mean"]["accuracy"] == 0.25
    npi, npz = document["suites"]
    assert (npi["suite"], npi["total"], npi["accuracy"], npi["unknown"]) == ("npi", 4, 0.5, 3)
    assert [each["accuracy"] for each in npi["predictions"]] == [0.75, 0.75]
    assert npi["predictions"][0]["formula"] == "(1;%a%) < (1;%b%)"
    assert npi["items"][1] == {
        "item": 2,
        "holds": [True, False],
        "bits": {"a": {"1": 2.5, "*": 2.5}, "b": {"1": 2.5, "*": 2.5}},
    }
    assert npz["same"] == [[1, "a", "b"]]
    assert npz["distinct"] == {"total": 0, "accuracy": None, "interval": [None, None]}
