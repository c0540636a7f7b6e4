import csv
import os
from pathlib import Path
from typing import Any

import pytest

from rnnlm_cli.errors import CheckpointError, ConfigError, CorpusError
from rnnlm_cli.settings.table import TableConfig
from rnnlm_cli.tasks.scorer import Scorer
from rnnlm_cli.tasks.tables import with_scores
from rnnlm_cli.tasks.tables.text_rows import TEXT_COLUMNS
from rnnlm_cli.tasks.tables.with_scores import add_surprisal, write_table
from rnnlm_cli.tasks.tables.word_rows import WORD_COLUMNS
from tests.tasks.tables.conftest import scorer_of

STORY = Path(os.environ.get("RNNLM_DATA", "")) / "naturalstories/processed_wordinfo.tsv"
TABLE = b'"word";item\r\n"the";1\r\n;1\r\n"ca""t";1\r\nthe;2\r\n'
BY_ITEM = TableConfig(group_by=("item",))


def cell_of(figure: Any) -> str:
    if figure is None:
        return ""
    return repr(int(figure) if isinstance(figure, bool) else figure)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "in.csv"
    path.write_bytes(TABLE)
    return path


def test_rows_get_the_columns_of_words_or_of_texts(scorer: Scorer) -> None:
    rows = [{"word": "the cat", "item": 1}, {"word": "cat", "item": 2}]
    by_words = add_surprisal(scorer, rows, word="word", by=["item"])
    assert list(by_words[0]) == ["word", "item", *WORD_COLUMNS]
    assert by_words == add_surprisal(scorer, rows, by="item")
    assert list(add_surprisal(scorer, rows, text="word")[0]) == ["word", "item", *TEXT_COLUMNS]


def test_a_file_has_the_figures_of_the_rows_in_memory(scorer: Scorer, table: Path) -> None:
    out = table.with_name("out.csv")
    write_table(scorer, table, out, BY_ITEM)
    with open(out, encoding="utf-8", newline="") as file:
        found = [
            {name: row[name] for name in WORD_COLUMNS}
            for row in csv.DictReader(file, delimiter=";")
        ]
    rows = [
        {"word": w, "item": i} for w, i in (("the", "1"), ("", "1"), ('ca"t', "1"), ("the", "2"))
    ]
    for written, row in zip(found, add_surprisal(scorer, rows, by="item"), strict=True):
        assert written == {name: cell_of(row[name]) for name in WORD_COLUMNS}
    kept = [line.split(b";")[:2] for line in out.read_bytes().split(b"\r\n")]
    assert kept == [line.split(b";") for line in TABLE.split(b"\r\n")]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (TableConfig(), "has a column 'rank' already"),
        (TableConfig(word_column="token"), "row 1 has no column 'token'"),
    ],
)
def test_what_is_refused_leaves_no_file(
    scorer: Scorer, table: Path, config: TableConfig, message: str
) -> None:
    table.write_bytes(b"word,rank\nthe,1\n" if not config.word_column else TABLE)
    with pytest.raises(CorpusError, match=message):
        write_table(scorer, table, table.with_name("out.csv"), config)
    assert os.listdir(table.parent) == ["in.csv"]


def test_what_is_found_while_it_is_scored_leaves_no_file(table: Path) -> None:
    with pytest.raises(CorpusError, match=r"in\.csv', row 4, line 1: the word 'ca' is not in"):
        write_table(scorer_of("word", unk=False), table, table.with_name("out.csv"), BY_ITEM)
    assert os.listdir(table.parent) == ["in.csv"]


def test_a_table_is_not_written_over_itself(scorer: Scorer, table: Path) -> None:
    (table.with_name("link.csv")).symlink_to(table)
    for out in (table, table.with_name("link.csv")):
        with pytest.raises(ConfigError, match="is read too, and would be gone"):
            write_table(scorer, table, out, BY_ITEM)
    assert table.read_bytes() == TABLE


def test_a_place_that_cannot_be_written_is_found_before_the_scoring(
    scorer: Scorer, table: Path
) -> None:
    done: list[int] = []
    with pytest.raises(CheckpointError, match="could not be written"):
        write_table(scorer, table, table / "x" / "out", BY_ITEM, progress=done.append)
    assert not done


def test_the_room_for_a_table_is_counted_in_bytes(
    scorer: Scorer, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table.write_bytes(TABLE + "吾輩は猫である;3\r\n".encode())
    rooms: list[int] = []
    monkeypatch.setattr(with_scores, "check_writable", lambda out, sizes: rooms.extend(sizes))
    write_table(scorer, table, table.with_name("out.csv"), BY_ITEM)
    assert rooms == [table.stat().st_size]


@pytest.mark.skipif(not STORY.is_file(), reason="RNNLM_DATA has no Natural Stories")
def test_natural_stories_keep_every_row_and_every_byte(scorer: Scorer, tmp_path: Path) -> None:
    config = TableConfig(group_by=("item",), order_by="zone")
    write_table(scorer, STORY, tmp_path / "out.tsv", config)
    before, after = (p.read_bytes().split(b"\n") for p in (STORY, tmp_path / "out.tsv"))
    assert len(before) == len(after) == 10_256 + 2
    for old, new in zip(before[:-1], after[:-1], strict=True):
        assert new.startswith(old + b"\t")
        assert new.count(b"\t") == 7 + 8
    firsts = [line.split(b"\t")[1] for line in after[1:-1] if line.split(b"\t")[-2] == b"1"]
    assert firsts == [b"1"] * 10


@pytest.mark.skipif(not STORY.is_file(), reason="RNNLM_DATA has no Natural Stories")
def test_stories_are_refused_without_the_order_of_their_words(
    scorer: Scorer, tmp_path: Path
) -> None:
    with pytest.raises(CorpusError, match=r"row 6 goes on with 'item' '9', .* with order-by, or"):
        write_table(scorer, STORY, tmp_path / "out.tsv", BY_ITEM)
    assert not list(tmp_path.iterdir())
