import gzip
import json
import os
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.tasks.contrasts.pair_files import read_pairs
from rnnlm_cli.tasks.contrasts.pairs import Pair

BLIMP = {"sentence_good": "Ann sees.", "sentence_bad": "Ann see.", "UID": "agreement"}
ONE = {"one_prefix_prefix": "Ann", "one_prefix_word_good": "sees", "one_prefix_word_bad": "see"}
TWO = {"two_prefix_prefix_good": "A", "two_prefix_prefix_bad": "B b", "two_prefix_word": "c"}


def read(
    tmp_path: Path, text: str | bytes, name: str = "my.pairs.tsv"
) -> tuple[list[Pair], list[str]]:
    path, told = tmp_path / name, list[str]()
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(read_pairs([path], told.append)), told


def sentences(pairs: list[Pair]) -> list[tuple[str, str, str]]:
    return [(pair.good.text, pair.bad.text, pair.uid) for pair in pairs]


def test_two_columns_without_names_are_good_and_bad(tmp_path: Path) -> None:
    pairs, told = read(tmp_path, '"Hm," he said\tb\n\nc d\te\r\n')
    assert sentences(pairs) == [('"Hm," he said', "b", "my.pairs"), ("c d", "e", "my.pairs")]
    assert [pair.line for pair in pairs] == [1, 3]
    assert "line 1 names no columns, so it is a pair" in told[0]


@pytest.mark.parametrize("names", ["good bad uid", "good_sentence bad_sentence phenomenon"])
def test_a_first_line_of_names_says_which_column_is_which(names: str, tmp_path: Path) -> None:
    good, bad, uid = names.split()
    pairs, told = read(tmp_path, f"\ufeff{uid}\tn\t{bad}\t{good}\nu\t1\tb\tg\n\t2\tx\ty")
    assert sentences(pairs) == [("g", "b", "u"), ("y", "x", "my.pairs")]
    assert f"line 1 names the columns: {good} and {bad}" in told[0]


def test_a_pair_of_blimp_is_one_by_each_of_its_methods(tmp_path: Path) -> None:
    pairs, told = read(tmp_path, json.dumps(BLIMP | ONE | TWO) + "\n", "x.jsonl")
    assert [(pair.method, pair.good.text, pair.bad.text) for pair in pairs] == [
        ("sentence", "Ann sees.", "Ann see."),
        ("one prefix", "Ann sees", "Ann see"),
        ("two prefixes", "A c", "B b c"),
    ]
    assert [pair.bad.starts for pair in pairs] == [(0,), (0, 4), (0, 4)]
    assert {pair.uid for pair in pairs} == {"agreement"}
    assert told == []


def test_several_files_are_read_one_after_the_other(tmp_path: Path) -> None:
    for name in "ba":
        Path(tmp_path, name).write_text(f'{{"good": "g{name}", "bad": "b"}}\n')
    pairs = read_pairs([tmp_path / "b", tmp_path / "a"], print)
    assert sentences([*pairs]) == [("gb", "b", "b"), ("ga", "b", "a")]


def lacking(field: str) -> str:
    record = BLIMP | ONE
    del record[field]
    return json.dumps(BLIMP) + "\n" + json.dumps(record)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a\tb\nc\n", "line 2: 1 column, but 2 were needed"),
        ("a\tb\nc\td\te\n", "line 2: 3 columns, but 2 were needed"),
        ("good\tbad\nc\t \n", "line 2: the bad sentence is blank"),
        ('{"good": "a"}', "line 1: the field 'bad' is not there"),
        ('{"good": "a", "bad": 3}', "line 1: the field 'bad' is no text"),
        ('{"good": "a", "bad": "b", "uid": ["u"]}', "line 1: the field 'uid' is no text"),
        (lacking("sentence_bad"), "line 2: the field 'sentence_bad' is not there"),
        (lacking("one_prefix_word_bad"), "line 2: the field 'one_prefix_word_bad' is not there"),
        ("{}", "line 1: the field 'sentence_good' is not there"),
        ('{"good": "a", "bad": "b"}\n{"good"', "line 2: no JSON .*at character 8"),
        ('{"good": "a", "bad": "b"}\n[1]', "line 2: no object"),
        ('{"good": ' + "[" * 100_000, "line 1: .*JSON"),
        ('{"good": 1' + "0" * 9999 + "}", "line 1: JSON that cannot be read"),
        ("\n \n", "is only white space, but a text"),
        (b"a\tb\n\xff\tb\n", "line 2, column 1: byte 0xff is not UTF-8"),
        (b"a\tb\na\0\tb\n", r"a NUL byte at offset 5"),
    ],
)
def test_what_is_no_pair_is_one_sentence_with_file_and_line(
    text: str | bytes, told: str, tmp_path: Path
) -> None:
    with pytest.raises(CorpusError, match=told) as raised:
        read(tmp_path, text)
    assert "my.pairs.tsv" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_pairs_come_from_standard_input_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(b"a\tb\nc\td\n")))
    assert sentences([*read_pairs(["-"], lambda note: None)]) == [
        ("a", "b", "standard input"),
        ("c", "d", "standard input"),
    ]
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(b"a\tb\nc\n")))
    with pytest.raises(CorpusError, match="standard input, line 2: 1 column"):
        list(read_pairs(["-"], lambda note: None))


def test_what_is_packed_is_read_as_it_was(tmp_path: Path) -> None:
    Path(tmp_path, "b.tsv.gz").write_bytes(gzip.compress(b"a\tb\n\xff\n"))
    Path(tmp_path, "a.jsonl.gz").write_bytes(gzip.compress(b'{"good": "g", "bad": "b"}'))
    pairs = read_pairs([tmp_path], lambda note: None)
    assert sentences([next(pairs)]) == [("g", "b", "a")]
    with pytest.raises(CorpusError, match=r"b\.tsv\.gz', line 2, column 1: byte 0xff"):
        list(pairs)


def test_a_folder_stands_for_its_files_of_pairs(tmp_path: Path) -> None:
    for name in ("b.tsv", "a.jsonl", "._a.jsonl", "c.JSONL", "README.md"):
        Path(tmp_path, name).write_text('{"good": "g", "bad": "b"}')
    assert [pair.uid for pair in read_pairs([tmp_path], print)] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("name", "told"),
    [("no", "no such file"), (".", r"folder without a file that ends in \.jsonl or \.tsv")],
)
def test_what_is_no_file_is_told(name: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=told):
        list(read_pairs([tmp_path / name], print))


def test_no_line_is_read_before_its_pair_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "x.tsv"
    path.write_text("a\tb\nbroken\n")
    assert next(read_pairs([path], lambda note: None)).good.text == "a"


DATA = Path(os.environ.get("RNNLM_DATA", ""))


@pytest.mark.skipif(not Path(DATA, "jblimp").exists(), reason="needs RNNLM_DATA with jblimp")
def test_the_published_files_are_read() -> None:
    blimp = [
        path for path in sorted(Path(DATA, "blimp").glob("*.jsonl")) if "summary" not in path.name
    ]
    pairs = list(read_pairs([*blimp, Path(DATA, "jblimp", "validated_minimal_pairs.jsonl")], print))
    methods = [pair.method for pair in pairs]
    assert [methods.count(name) for name in ("sentence", "one prefix", "two prefixes")] == [
        12_331, 7_000, 1_000,
    ]  # fmt: skip
    assert len({pair.uid for pair in pairs}) == 12 + 11
