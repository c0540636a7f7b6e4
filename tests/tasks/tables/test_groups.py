from typing import Any

import numpy as np
import pytest

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.tasks.tables.groups import grouped
from rnnlm_cli.tasks.tables.in_memory import DictRows


def groups(
    items: str, zones: list[Any] | None = None, *, by: tuple[str, ...] = ("item",)
) -> list[list[int]]:
    """The rows of each group of a table with an item, a letter, a row."""
    cells = zip(items, zones or items, strict=True)
    rows = [{"item": item, "zone": zone} for item, zone in cells]
    return grouped(DictRows(rows), range(len(rows)), by, "zone" if zones else None)


def test_rows_of_a_group_are_those_with_the_same_cells() -> None:
    assert groups("aabccc") == [[0, 1], [2], [3, 4, 5]]
    assert groups("ab", by=()) == [[0, 1]]


def test_a_group_has_the_cells_of_all_its_columns() -> None:
    rows = DictRows([{"a": a, "b": b} for a, b in ("xu", "xv", "xv", "yv")])
    assert grouped(rows, range(4), ["a", "b"], None) == [[0], [1, 2], [3]]


def test_a_group_that_is_a_list_is_refused() -> None:
    rows = DictRows([{"item": cell} for cell in ("a", [1], (2, [3]), np.array([4, 5]))])
    for row in range(1, 4):
        with pytest.raises(CorpusError, match=rf"row {row} .* in 'item'.*text or a number"):
            grouped(rows, [0, row], ["item"], None)


def test_rows_that_have_no_word_are_in_no_group_and_do_not_part_one() -> None:
    rows = DictRows([{"item": item} for item in ("a", "", "a")])
    assert grouped(rows, [0, 2], ["item"], None) == [[0, 2]]


def test_a_group_with_others_between_its_rows_is_refused_without_an_order() -> None:
    message = "row 3 of the table goes on with 'item' 'a', .* end at row 1 of the table.*order-by"
    with pytest.raises(CorpusError, match=message):
        groups("aaba")


def test_an_order_brings_the_rows_of_a_group_together() -> None:
    assert groups("abab", ["2", "1", "1", "3"]) == [[2, 0], [1, 3]]


@pytest.mark.parametrize(
    ("zones", "order"),
    [
        (["10", "9", "1e1.5"[:3] + "2"], [1, 0, 2]),
        (["9.5", "-1", "9.25"], [1, 2, 0]),
        (["9007199254740993", "9007199254740992", "1"], [2, 1, 0]),
        ([10, 9.5, 2], [2, 1, 0]),
        (["b", "a10", "a9"], [1, 2, 0]),
        (["nan", "inf", "b"], [2, 1, 0]),
        (["9" * 400, "1e9", "-" + "9" * 400], [2, 1, 0]),
    ],
)
def test_numbers_sort_as_numbers_and_text_as_text(zones: list[Any], order: list[int]) -> None:
    assert groups("aaa", zones) == [order]


@pytest.mark.parametrize(
    ("zones", "message"),
    [
        (["1", "x"], "row 1 of the table has 'x' in 'zone', where other rows have numbers"),
        (["1", "1.0"], "row 1 of the table has '1.0' in 'zone', as row 0 of the table of the same"),
        (["1", "1_0"], "row 1 of the table has '1_0' in 'zone', where other rows have numbers"),
        ([(1,), 2], "'zone' has values that have no order among them"),
        (
            [np.array([1, 2]), np.array([1, 3])],
            r"row 0 of the table has '\[1 2\]' in 'zone'.* make",
        ),
        (["1", None], "row 1 of the table has nothing in 'zone', which tells the place"),
    ],
)
def test_an_order_that_is_none_is_refused(zones: list[Any], message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        groups("aa", zones)


@pytest.mark.parametrize("missing", ["", None, float("nan")])
def test_a_word_without_a_group_is_refused(missing: object) -> None:
    rows = DictRows([{"item": "a"}, {"item": missing}])
    with pytest.raises(CorpusError, match="row 1 of the table has nothing in 'item'"):
        grouped(rows, range(2), ["item"], None)
