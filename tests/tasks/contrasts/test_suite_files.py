import gzip
import json
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest

from rnnlm_cli.errors import CorpusError
from rnnlm_cli.tasks.contrasts.suite_files import read_suite, read_suites
from tests.tasks.contrasts.test_suites import suite

GOOD = suite({"a": ["x", "y"], "b": ["x", "z"]}, "(2;%a%) < (2;%b%)", items=2)


def read(tmp_path: Path, document: Any) -> Any:
    path = tmp_path / "my.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return read_suite(path)


def changed(path: list[Any], value: Any) -> Any:
    """GOOD with something in it replaced, or taken out."""
    document = json.loads(json.dumps(GOOD))
    inside = document
    for key in path[:-1]:
        inside = inside[key]
    if value is None:
        del inside[path[-1]]
    else:
        inside[path[-1]] = value
    return document


def test_a_suite_has_a_name_predictions_and_items_with_conditions(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD)
    assert (found.name, found.predictions[0].text) == ("agreement", "(2;%a%) < (2;%b%)")
    assert [item.number for item in found.items] == [1, 2]
    assert [(c.name, c.regions.text) for c in found.items[1].conditions] == [
        ("a", "x y"),
        ("b", "x z"),
    ]


def test_a_suite_without_a_name_has_that_of_its_file(tmp_path: Path) -> None:
    assert read(tmp_path, changed(["meta"], None)).name == "my"


def test_a_suite_may_be_packed_or_come_from_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = json.dumps(changed(["meta"], None)).encode()
    (packed := tmp_path / "my.json.gz").write_bytes(gzip.compress(data))
    assert [each.name for each in read_suites([packed, tmp_path])] == ["my", "my"]
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(data)))
    assert read_suite("-").name == "standard input"
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(b"[]")))
    with pytest.raises(CorpusError, match=r"^standard input is no object"):
        read_suite("-")


def test_numbers_may_stand_in_quotes_or_be_left_out(tmp_path: Path) -> None:
    regions = ["items", 0, "conditions", 0, "regions"]
    for value in ("2", None):
        found = read(tmp_path, changed([*regions, 1, "region_number"], value))
        assert found.items[0].conditions[0].numbers == ("1", "2")


def test_a_folder_stands_for_its_suites(tmp_path: Path) -> None:
    for name in ("b.json", "a.json", "c.txt"):
        Path(tmp_path, name).write_text(json.dumps(changed(["meta"], None)))
    assert [each.name for each in read_suites([tmp_path, tmp_path / "b.json"])] == ["a", "b", "b"]


A = ["items", 1, "conditions", 0]


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ("{\n\n 'a'", "line 3: no JSON .*at character 2"),
        ("[" * 100_000, "JSON that cannot be read"),
        ([1], "is no object, but one with 'predictions'"),
        (changed(["items"], None), "has no 'items'"),
        (changed(["items"], []), "the list 'items' is empty"),
        (changed(["predictions"], {}), "'predictions' is not a list"),
        (changed(["predictions", 0, "formula"], None), "prediction 1 has no 'formula'"),
        (changed(["predictions", 0, "formula"], "(2;%a%) <"), "prediction 1: the formula"),
        (changed(["predictions", 0, "formula"], "(9;%a%)<1"), "region 9 of .* which item 1 has"),
        (changed(["predictions", 0, "formula"], "(2;%c%)<1"), "condition 'c', which item 1 has"),
        (changed([*A, "condition_name"], "b"), "item 2, condition 2: 'b' is the name of another"),
        (changed([*A, "regions", 1, "content"], 3), r"\('a'\), region 2: 'content' is not text"),
        (changed([*A, "regions", 1, "region_number"], 1), "two regions have the same number"),
        (changed([*A, "regions", 1, "region_number"], True), "'region_number' is not a whole"),
        (changed([*A, "regions", 1], "x"), "region 2 is no object, but one with 'content'"),
    ],
)
def test_what_is_no_suite_is_one_sentence_with_file_and_place(
    document: Any, told: str, tmp_path: Path
) -> None:
    with pytest.raises(CorpusError, match=told) as raised:
        read(tmp_path, document)
    assert "my.json" in str(raised.value)
    assert "\n" not in str(raised.value)
