import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlm_cli.tasks.tables.dialect import LONGEST_CELL, BadRecord, Dialect, Layout


def cells(text: str, suffix: str = "") -> list[list[str]]:
    layout = Layout.of(text, 0, suffix)
    bounds = zip(layout.starts, layout.ends, strict=True)
    return [layout.dialect.cells(text[start:end]) for start, end in bounds]


@pytest.mark.parametrize(
    ("header", "suffix", "delimiter"),
    [
        ("a\tb,c", ".tsv", "\t"),
        ("a;b", ".tsv", "\t"),
        ("a;b\tc,d", ".csv", ","),
        ("a;b\tc", ".csv", ";"),
        ("a,b\tc", ".txt", "\t"),
        ("a,b;c", "", ";"),
        ('"a;b",c', "", ","),
        ("a", ".csv", ","),
        ("a", "", "\t"),
    ],
)
def test_cells_are_apart_by_what_the_header_has(header: str, suffix: str, delimiter: str) -> None:
    assert Layout.of(f"{header}\n", 0, suffix).dialect.delimiter == delimiter


def cells_by_csv(text: str) -> list[list[str]] | None:
    """What `csv` finds but for empty lines; None where rows are uneven or a quote stays open."""
    rows = [row for row in csv.reader(io.StringIO(f"{text}\nx,y", newline="")) if row]
    return rows[:-1] if rows[-1] == ["x", "y"] and {len(row) for row in rows} == {2} else None


@given(st.text(alphabet='a",;\r\n', max_size=20))
def test_cells_are_those_that_csv_finds(text: str) -> None:
    text, dialect = f"x,y\n{text}", Dialect(",", quotes=True)
    try:
        found = [dialect.cells(text[start:end]) for start, end in dialect.records(text, 0)]
    except BadRecord:
        assert cells_by_csv(text) is None
    else:
        assert found == cells_by_csv(text)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_records_end_with_a_line_and_empty_lines_are_none(end: str) -> None:
    assert cells(end.join(["a,b", "", '1,"x', 'y"', "", "2,z"])) == [
        ["a", "b"],
        ["1", f"x{end}y"],
        ["2", "z"],
    ]


def test_in_a_single_column_an_empty_line_is_an_empty_cell() -> None:
    assert cells('a\n\n"b\nc"\n\n') == [["a"], [""], ["b\nc"], [""]]


def test_quotes_are_signs_where_the_rows_are_even_only_so() -> None:
    assert cells('word\titem\n"Ah\t1\nyes\t1\n') == [["word", "item"], ['"Ah', "1"], ["yes", "1"]]
    assert cells('word\titem\n"\t1\n"\t1\n')[1:] == [['"', "1"], ['"', "1"]]
    assert cells('word\titem\n"\t1\t"\t1\n')[1:] == [["\t1\t", "1"]]


def test_quotes_around_whole_cells_are_quotes() -> None:
    assert cells('"a","b"\n"say ""no""","1,2"\n') == [["a", "b"], ['say "no"', "1,2"]]


@pytest.mark.parametrize(
    ("text", "number", "message"),
    [
        ("a,b\n1,2\n3\n", 2, "has 1 cell, but the header has 2: give each row as many, and put"),
        ("a,b\n1,2,3\n", 1, "has 3 cells, but the header has 2"),
        ('a,b\n1,2\n3,"4,5\n', 2, "has a quote that nothing closes"),
        ("a,b\n1," + "x" * (LONGEST_CELL + 1), 1, "a cell of 1,000,001 characters, but at most"),
    ],
)
def test_what_is_no_row_is_refused(text: str, number: int, message: str) -> None:
    with pytest.raises(BadRecord, match=message) as bad:
        cells(text)
    assert bad.value.number == number


def test_a_record_of_many_cells_may_be_long() -> None:
    assert len(cells("a,b\n" + "x" * LONGEST_CELL + "," + "y" * LONGEST_CELL)) == 2
