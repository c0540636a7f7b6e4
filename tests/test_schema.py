import json
import math
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from rnnlm_cli.errors import CheckpointError
from rnnlm_cli.schema import FloatOrInf, FloatOrNan, finite, read


@dataclass
class Row:
    count: int
    rate: FloatOrNan = 0.0
    most: FloatOrInf = 0.0


@dataclass
class Table:
    name: str
    rows: list[Row] = field(default_factory=list)
    kind: Literal["a", "b"] | None = None
    words: tuple[str, ...] = ()
    open: bool = False
    pair: tuple[int, int] = (0, 0)
    sums: dict[Literal["x"], float] = field(default_factory=dict)


GOOD = {
    "name": "n",
    "rows": [{"count": 1, "rate": None, "most": None}, {"count": 2, "rate": 2, "most": 3}],
    "kind": "b",
    "words": ["w"],
    "open": True,
    "pair": [3, 4],
    "sums": {"x": 1.5},
}


def test_what_a_dataclass_declares_becomes_one() -> None:
    made = read(Table, GOOD, "t")
    first, second = made.rows
    assert math.isnan(first.rate)
    assert math.isinf(first.most)
    assert second == Row(2, 2, 3)
    assert made == Table("n", [first, second], "b", ("w",), True, (3, 4), {"x": 1.5})
    assert read(Table, GOOD | {"kind": None, "rows": []}, "t").kind is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": 1}, "t.name is 1, but must be text"),
        ({"name": None}, "t.name is null, but must be text"),
        ({"rows": {}}, "t.rows is an object, but must be a list"),
        ({"rows": "ab"}, "t.rows is 'ab', but must be a list"),
        ({"rows": [[]]}, r"t.rows\[0\] is a list, but must be an object"),
        ({"rows": [{"count": True, "rate": 1}]}, r"t.rows\[0\].count is true, but must be a whole"),
        ({"rows": [{"count": 1.0, "rate": 1}]}, r"t.rows\[0\].count is 1.0, but must be a whole"),
        ({"rows": [{"count": 1 << 63, "rate": 1}]}, "count is a larger number, but must be a wh"),
        ({"rows": [{"count": 1, "rate": 10**5000}]}, "rate is a larger number, but must be a fin"),
        ({"rows": [{"count": 1, "rate": "1"}]}, "rate is '1', but must be a finite number or null"),
        ({"rows": [{"count": 1}]}, r"t.rows\[0\].rate is missing"),
        ({"kind": "c"}, "t.kind is 'c', but must be one of 'a', 'b'"),
        ({"kind": []}, "t.kind is a list, but must be one of"),
        ({"words": ["w", 1]}, r"t.words\[1\] is 1, but must be text"),
        ({"pair": [1]}, "t.pair is a list, but must be a list of 2"),
        ({"pair": [1, 2, 3]}, "t.pair is a list, but must be a list of 2"),
        ({"pair": [1, "2"]}, r"t.pair\[1\] is '2', but must be a whole number"),
        ({"open": 1}, "t.open is 1, but must be true or false"),
        ({"sums": {"y": 1.0}}, "a key of t.sums is 'y', but must be one of 'x'"),
        ({"sums": {"x": None}}, r"t.sums\['x'\] is null, but must be a finite number"),
        ({"sums": {"x": float("nan")}}, r"t.sums\['x'\] is NaN, but must be a finite number"),
        ({"more\x1b": 1}, r"t holds 'more\\x1b', which means nothing"),
    ],
)
def test_anything_else_is_refused_with_its_place(change: dict[str, Any], message: str) -> None:
    with pytest.raises(CheckpointError, match=message):
        read(Table, GOOD | change, "t")


def test_only_the_classes_that_may_lack_fields_lack_those_with_a_default() -> None:
    bare: Any = {"name": "n", "rows": [{"count": 1, "rate": 1.5, "most": 2.5}]}
    read(Table, bare, "t", (Table,))
    with pytest.raises(CheckpointError, match=r"t.kind is missing"):
        read(Table, bare, "t", (Row,))
    del bare["name"]
    with pytest.raises(CheckpointError, match=r"t.name is missing"):
        read(Table, bare, "t", (Table,))


def test_a_message_is_short_whatever_it_tells_of() -> None:
    for value in ("x" * 10**6, {"x" * 10**6: 1}, [1] * 10**6, 10**9999):
        with pytest.raises(CheckpointError) as raised:
            read(Table, GOOD | {"rows": value, "name": json.dumps("x") * 10**5}, "t")
        assert len(str(raised.value)) < 200


def test_what_is_not_finite_is_null_wherever_it_stands() -> None:
    assert finite({"a": [math.nan, 1.5, {"b": (-math.inf, "nan", True)}]}) == {
        "a": [None, 1.5, {"b": [None, "nan", True]}]
    }
