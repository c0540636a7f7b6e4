import csv
import json
import math
from io import BytesIO, StringIO, TextIOWrapper

import pytest

from rnnlm_cli.cli.showing.row_forms import write_rows
from rnnlm_cli.settings.score import Form

ROWS = [
    {"word": w, "bits": b, "is": i}
    for w, b, i in [('"', 0.1 + 0.2, True), ("a\tb,\n", math.inf, False), ("é", math.nan, False)]
]


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("form", "delimiter"), [("tsv", "\t"), ("csv", ",")])
def test_every_cell_can_be_read_again_in_full(form: Form, delimiter: str) -> None:
    write_rows(ROWS, out := StringIO(), form)
    rows = list(csv.reader(StringIO(out.getvalue()), delimiter=delimiter))
    assert rows[0] == ["word", "bits", "is"]
    assert [row[0] for row in rows[1:]] == ['"', "a\tb,\n", "é"]
    assert [row[1:] for row in rows[1:]] == [[repr(0.1 + 0.2), "1"], ["inf", "0"], ["", "0"]]


def test_json_has_a_document_a_line_without_numbers_that_are_none() -> None:
    write_rows(ROWS, out := StringIO(), "jsonl")
    rows = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [row["bits"] for row in rows] == [0.1 + 0.2, None, None]
    assert rows[0]["is"] is True


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_json_is_that_in_every_encoding_of_the_stream(encoding: str) -> None:
    words = ["é", "猫", "\U0001f600"]
    out = TextIOWrapper(BytesIO(), encoding, "backslashreplace")
    write_rows([{"word": word} for word in words], out, "jsonl")
    out.seek(0)
    assert [json.loads(line)["word"] for line in out] == words


@pytest.mark.parametrize("form", ["tsv", "jsonl"])
def test_a_terminal_gets_no_control_character(form: Form) -> None:
    write_rows([{"word": "\x1b[2J\x9b31m"}], out := Terminal(), form)
    assert out.getvalue().replace("\n", "").isprintable()
