import gzip
from pathlib import Path

import pytest

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.tasks.tables.table_file import TableFile


def read(data: bytes, suffix: str = ".csv") -> TableFile:
    return TableFile.of(data, suffix, "'t.csv'")


def more(data: bytes, rows: list[list[float | None]], suffix: str = ".csv") -> bytes:
    return b"".join(read(data, suffix).with_columns(["n"], rows))


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "T.CSV.GZ"])
def test_a_packed_table_is_cut_as_it_would_be_unpacked(tmp_path: Path, name: str) -> None:
    data = b"word,note;x\nthe,1;2\n"
    (tmp_path / name).write_bytes(gzip.compress(data) if name.lower().endswith("gz") else data)
    assert TableFile.read(tmp_path / name).names == ["word", "note;x"]


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"a,b\n1,2\n", b"a,b,n\n1,2,0.1\n"),
        (b"\xef\xbb\xbfa;b\r\n 1;2\r\n", b"\xef\xbb\xbfa;b;n\r\n 1;2;0.1\r\n"),
        (b"a\tb\r1\t2", b"a\tb\tn\r1\t2\t0.1"),
        (b"\n\na,b\n\n1,2\n\n\n", b"\n\na,b,n\n\n1,2,0.1\n\n\n"),
        (b'a,b\n"x\ny" , "2"" \n', b'a,b,n\n"x\ny" , "2"" ,0.1\n'),
        (b'"a","b"\n"x",2\n', b'"a","b","n"\n"x",2,0.1\n'),
        (b'a,b\n"x","2"\n', b'a,b,n\n"x","2","0.1"\n'),
        ("a,b\n\u00e9,\U0001f600\n".encode(), "a,b,n\n\u00e9,\U0001f600,0.1\n".encode()),
    ],
)
def test_new_cells_go_behind_a_record_that_is_copied_as_it_is(data: bytes, found: bytes) -> None:
    assert more(data, [[0.1]]) == found


def test_floats_are_not_rounded_and_what_is_missing_is_empty() -> None:
    rows: list[list[float | None]] = [[1 / 3], [None], [2], [True], [False]]
    expected = b"a,n\n1,0.3333333333333333\n2,\n3,2\n4,1\n5,0\n"
    assert more(b"a\n1\n2\n3\n4\n5\n", rows) == expected


def test_a_table_longer_than_a_piece_comes_in_several() -> None:
    table = read(b"a,b\n" + b"1,2\n" * 5000)
    pieces = list(table.with_columns(["n"], ([0.5] for _ in range(5000))))
    assert len(pieces) == 2
    assert b"".join(pieces) == b"a,b,n\n" + b"1,2,0.5\n" * 5000


def test_a_header_alone_is_a_table_of_no_rows() -> None:
    assert more(b"a,b", []) == b"a,b,n"


def test_columns_are_found_by_name() -> None:
    assert read(b"a,b,c\n1,2,3\n4,5,6\n").select(["c", "a"]) == [["3", "6"], ["1", "4"]]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "'t.csv' is empty, but a table with a header line was needed"),
        (b"\n\n", "is empty"),
        (b"a,b\n1,2\n3\n", "'t.csv', row 3 has 1 cell, but the header has 2"),
        (b'a,b\n"1\n\n",2\n3\n', r"'t.csv', row 3 \(line 5\) has 1 cell"),
        (b"a,b\n1,2\n3,\0\n", "'t.csv', row 3 has a NUL character"),
        (b'a,b\n1,"' + b"x" * 10_000_000 + b'"\n', "'t.csv', row 2 has a cell of 10,000,000 char"),
        (b"a,b\n1,\xff\n", "'t.csv': byte 0xff at offset 6 is not UTF-8"),
        ("a,b\n".encode("utf-16"), "'t.csv': byte 0xff at offset 0 is not UTF-8"),
    ],
)
def test_a_bad_table_is_refused_in_one_sentence_with_its_row(data: bytes, message: str) -> None:
    with pytest.raises(CorpusError, match=message) as refused:
        read(data)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 200


def test_a_column_that_is_not_there_or_twice_is_refused() -> None:
    table = read(b"a,b,b\n")
    with pytest.raises(CorpusError, match=r"row 1 has no column 'w', .* it has 'a', 'b', 'b'"):
        table.select(["w"])
    with pytest.raises(CorpusError, match="row 1 has 2 columns 'b'"):
        table.select(["b"])


def test_of_many_columns_a_message_names_the_first() -> None:
    header = ",".join(f"c{number}" for number in range(5000)).encode()
    with pytest.raises(CorpusError, match=r"'c10', 'c11' and 4,988 more: name one of them$"):
        read(header).select(["w"])


def test_a_column_that_is_there_already_is_refused() -> None:
    with pytest.raises(CorpusError, match=r"row 1 has a column 'n' already: rename that"):
        read(b"a,n\n").check_new(["m", "n"])


def test_a_file_is_read_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "t.TSV"
    path.write_bytes(b"a,b\tc\n")
    assert TableFile.read(path).names == ["a,b", "c"]
    with pytest.raises(CorpusError, match="no such file"):
        TableFile.read(tmp_path / "other.tsv")
