import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnlm_cli.tasks.contrasts.suite_files import read_suites, suite_of
from rnnlm_cli.tasks.contrasts.suites import SuiteScore, score_suite
from rnnlm_cli.tasks.passage import Passage
from rnnlm_cli.tasks.scorer import Scorer


def suite(conditions: dict[str, list[str]], *formulas: str, items: int = 1) -> dict[str, Any]:
    """The document of a suite, all items of which are the same."""
    given = [
        {
            "condition_name": name,
            "regions": [{"region_number": n, "content": c} for n, c in enumerate(contents, 1)],
        }
        for name, contents in conditions.items()
    ]
    return {
        "meta": {"name": "agreement", "metric": "sum"},
        "predictions": [{"type": "formula", "formula": formula} for formula in formulas],
        "items": [{"item_number": n, "conditions": given} for n in range(1, items + 1)],
    }


def scored(scorer: Scorer, *given: Any, **more: Any) -> SuiteScore:
    return score_suite(scorer, suite_of(suite(*given, **more), "x", "x"))


AB = {"a": ["the", "old cat", "", "sees"], "b": ["the", "old dog", "a", "hears ."]}


def test_regions_have_the_bits_of_their_tokens_and_all_together_those_of_the_text(
    scorer: Scorer,
) -> None:
    (item,) = scored(scorer, AB, "1 < 2").items
    for name, sizes in (("a", [1, 2, 0, 2]), ("b", [1, 2, 1, 3])):
        (whole,) = scorer.score([Passage.of(scorer.words, " ".join(filter(None, AB[name])), "x")])
        ends = np.cumsum(sizes)
        bits = [part.sum() / np.log(2) for part in np.split(whole.scores.nats, ends[:-1])]
        assert [item.bits[str(n), name] for n in range(1, 5)] == pytest.approx(bits)
        assert item.bits["*", name] == pytest.approx(whole.nats / np.log(2))


def test_an_item_is_right_if_all_predictions_hold(scorer: Scorer) -> None:
    true, false = "(*;%a%) < (*;%b%) | 1 > 0", "(*;%a%) < 0"
    found = scored(scorer, AB, true, false, items=3)
    assert [share.value for share in found.by_prediction] == [1, 0]
    assert (found.accuracy.points, found.accuracy.total) == (0, 3)
    assert scored(scorer, AB, true, true, items=3).accuracy.value == 1
    assert found.items[2].holds == (True, False)


def test_conditions_that_become_the_same_tokens_are_told(scorer: Scorer) -> None:
    conditions = {"x": ["the zebra"], "y": ["the gnu"], "z": ["the cat"], "w": ["a", "cat"]}
    found = scored(scorer, conditions, "(1;%x%) < (1;%y%)", "(1;%x%) = (1;%y%)", items=2)
    assert found.same == [(1, "x", "y"), (2, "x", "y")]
    assert found.items[0].holds == (False, True)
    assert found.accuracy.total == 2
    assert found.accuracy_distinct.total == 0
    assert (found.tokens, found.unknown) == (2 * 4 * 3, 2 * 2)


def test_the_last_region_has_the_line_end_unless_it_is_left_out(scorer: Scorer) -> None:
    read = suite_of(suite(AB, "1 < 2"), "x", "x")
    (ended,), (open_end,) = (score_suite(scorer, read, eos=eos).items for eos in (True, False))
    (whole,) = scorer.score([Passage.of(scorer.words, "the old cat sees", "x")])
    end = whole.scores.nats[-1] / np.log(2)
    assert ended.bits["4", "a"] - open_end.bits["4", "a"] == pytest.approx(end)
    assert ended.bits["2", "a"] == pytest.approx(open_end.bits["2", "a"])


SUITES = Path(os.environ.get("RNNLM_DATA", ""), "syntaxgym", "json")


@pytest.mark.skipif(not SUITES.exists(), reason="needs RNNLM_DATA with syntaxgym")
def test_published_suites_are_read_and_scored(scorer: Scorer) -> None:
    suites = list(read_suites([SUITES]))
    assert sum(len(each.items) for each in suites) == 842  # as many as in the published results
    found = score_suite(scorer, next(each for each in suites if each.name == "fgd_hierarchy"))
    assert len(found.by_prediction) == 2
    assert found.unknown > 0
