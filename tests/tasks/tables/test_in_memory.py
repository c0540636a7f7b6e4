from typing import Any

import numpy as np
import pytest

from rnnlm_cli.errors import ConfigError, CorpusError
from rnnlm_cli.tasks.tables.columns import RowFigures
from rnnlm_cli.tasks.tables.in_memory import in_memory

FIGURES = RowFigures({"surprisal": np.array([0.5, np.nan]), "rank": np.array([3.0, np.nan])})
DATA: dict[str, list[Any]] = {"word": ["the", "cat"], "n": [7, 8]}


class Column(list[object]):
    """A column of a frame."""

    def __init__(self, first: object, cells: list[object] | None = None) -> None:
        super().__init__(first if cells is None and isinstance(first, list) else cells or [])

    def to_list(self) -> list[object]:
        return list(self)


class AssigningFrame:
    """A frame that takes columns as that of pandas does."""

    def __init__(self, data: dict[str, list[Any]]) -> None:
        self.data, self.columns = data, list(data)

    def __len__(self) -> int:
        return 2

    def __getitem__(self, name: str) -> Column:
        return Column(self.data[name])

    def assign(self, **columns: list[Any]) -> "AssigningFrame":
        return AssigningFrame(self.data | columns)


def test_dicts_become_new_dicts_with_more_keys() -> None:
    rows: list[dict[str, Any]] = [{"word": "the", "n": 7}, {"word": "cat"}]
    found: Any = in_memory(rows).with_columns(FIGURES)
    assert found == [
        {"word": "the", "n": 7, "surprisal": 0.5, "rank": 3},
        {"word": "cat", "surprisal": None, "rank": None},
    ]
    assert type(found[0]["rank"]) is int
    assert "surprisal" not in rows[0]


def test_a_frame_becomes_a_new_frame_of_its_kind() -> None:
    table = in_memory(AssigningFrame(DATA))
    assert table.select(["word"]) == [["the", "cat"]]
    found: Any = table.with_columns(FIGURES)
    assert found.data == DATA | {"surprisal": [0.5, None], "rank": [3, None]}


def test_a_frame_of_pandas_keeps_its_index() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(DATA, index=[5, 3])
    table = in_memory(frame)
    assert table.select(["word", "n"]) == [["the", "cat"], [7, 8]]
    found: Any = table.with_columns(FIGURES)
    assert found.index.tolist() == [5, 3]
    assert found.columns.tolist() == ["word", "n", "surprisal", "rank"]
    assert found["surprisal"].iloc[0] == 0.5
    assert found["surprisal"].isna().tolist() == [False, True]
    assert frame.columns.tolist() == ["word", "n"]


def test_a_frame_of_polars_keeps_its_rows() -> None:
    polars = pytest.importorskip("polars")
    table = in_memory(polars.DataFrame(DATA))
    assert table.select(["word", "n"]) == [["the", "cat"], [7, 8]]
    found: Any = table.with_columns(FIGURES)
    assert found.to_dicts() == [
        {"word": "the", "n": 7, "surprisal": 0.5, "rank": 3},
        {"word": "cat", "n": 8, "surprisal": None, "rank": None},
    ]


@pytest.mark.parametrize("table", [{"word": ["a"]}, [1], ["a b"], "a b", 3])
def test_what_is_no_table_is_refused(table: object) -> None:
    with pytest.raises(ConfigError, match="a list of dicts, one a row, or a data frame"):
        in_memory(table)


class LazyFrame:
    """As polars has it: no cells yet."""

    def collect(self) -> None: ...

    @property
    def columns(self) -> list[str]:
        raise AssertionError("polars warns of what that costs")


def test_a_frame_that_is_not_collected_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"^table is a LazyFrame, but must be collected first: a"):
        in_memory(LazyFrame())


def test_a_column_that_is_missing_is_refused() -> None:
    with pytest.raises(CorpusError, match="row 1 of the table has no 'n', but 'word': name one"):
        in_memory([{"n": 1}, {"word": "a"}]).select(["n"])
    with pytest.raises(CorpusError, match="row 0 of the table has no 'n', but nothing: name one"):
        in_memory([{}]).select(["n"])
    with pytest.raises(CorpusError, match=r"has no column 'w', .* 'word', 'n': name one of them"):
        in_memory(AssigningFrame(DATA)).select(["w"])


def test_a_column_that_is_there_already_is_refused() -> None:
    with pytest.raises(CorpusError, match="row 1 of the table has 'rank' already"):
        in_memory([{"n": 1}, {"rank": 2}]).check_new(["surprisal", "rank"])
    with pytest.raises(CorpusError, match="the table has 'n' already"):
        in_memory(AssigningFrame(DATA)).check_new(["n"])
