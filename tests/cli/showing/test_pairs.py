import json

import pytest

from rnnlm_cli.cli.showing import render
from rnnlm_cli.cli.showing.documents import pairs_document
from rnnlm_cli.cli.showing.pairs import lines_listed, show_accuracies
from rnnlm_cli.cli.showing.render import print_json
from rnnlm_cli.scoring.intervals import wilson_interval
from rnnlm_cli.tasks.contrasts.accuracy import Accuracy, accuracies
from rnnlm_cli.tasks.contrasts.pairs import Method, Pair, PairScore


def found(*uids: str, method: Method = "sentence") -> list[Accuracy]:
    """Of every paradigm four pairs: two right, one wrong, one that is the same through `<unk>`."""
    side = Pair.sentences("good", "bad", "x", 1)
    scores = (-4.0, False), (-4.0, False), (-6.0, False), (-5.0, True)
    return accuracies(
        PairScore(Pair(side.good, side.bad, "x", line, uid, method), good, -5.0, same, same)
        for uid in uids
        for line, (good, same) in enumerate(scores, 1)
    )


def lines(capsys: pytest.CaptureFixture[str], rows: list[Accuracy]) -> list[list[str]]:
    show_accuracies(rows)
    return [line.split() for line in capsys.readouterr().out.splitlines() if line.strip()]


def test_a_paradigm_is_a_row_with_its_unknown_shares(capsys: pytest.CaptureFixture[str]) -> None:
    (_, _, row, *_) = lines(capsys, found("agreement"))
    assert row == "agreement 4 62.5% (21.9–90.8) 25.0% 25.0% 66.7% (20.8–93.9)".split()


def test_all_paradigms_are_pooled_by_method_where_there_are_several(
    capsys: pytest.CaptureFixture[str],
) -> None:
    alone = lines(capsys, found("a"))
    assert not any(line[0] == "all" for line in alone)
    rows = found("a", "b") + found("a", method="one prefix")
    totals = [line[:4] for line in lines(capsys, rows) if line[0].startswith("all")]
    assert totals == [["all", "8", "62.5%", "(30.6–86.3)"], ["all,", "one", "prefix", "4"]]


def test_ties_are_listed_by_their_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert lines(capsys, found("a", "b"))[-3:] == [
        "ties, half a point each: lines".split(),
        ["a", "4"],
        ["b", "4"],
    ]


def test_lines_that_follow_each_other_are_one_and_of_many_the_first_are_named() -> None:
    assert lines_listed([9, 3, 4, 5, 7, 9]) == "3–5, 7, 9"
    assert lines_listed(range(1, 1001)) == "1–1000"
    assert lines_listed(range(2, 42, 2)).endswith("18, 20 and 10 more (--json has them all)")


@pytest.mark.parametrize("width", [60, 80])
def test_a_narrow_terminal_breaks_no_name_and_no_number(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "_PIPE_WIDTH", width)
    uid = "irregular_plural_subject_verb_agreement_1"
    show_accuracies(found(uid, method="one prefix"))
    out = capsys.readouterr().out
    table = out[: out.index("ties")]
    assert max(map(len, table.splitlines())) <= width
    for piece in (f"{uid},", "one prefix", "62.5%", "(21.9–90.8)", "25.0%", "66.7%", "(20.8–93.9)"):
        assert piece in table


def test_the_document_has_every_figure_and_every_tie(capsys: pytest.CaptureFixture[str]) -> None:
    print_json(pairs_document(found("a")))
    document = json.loads(capsys.readouterr().out)
    (row,) = document["paradigms"]
    assert row["tied"] == [
        {"line": 4, "good": "good", "bad": "bad", "same": True, "log_probability": -5.0}
    ]
    del row["tied"]
    assert row == {
        "uid": "a",
        "method": "sentence",
        "pairs": 4,
        "accuracy": 0.625,
        "interval": list(wilson_interval(2.5, 4)),
        "ties": 1,
        "share_same": 0.25,
        "share_unknown": 0.25,
        "pairs_known": 3,
        "accuracy_known": pytest.approx(2 / 3),
        "interval_known": list(wilson_interval(2, 3)),
    }
    assert document["all"] == [row | {"uid": "all"}]
