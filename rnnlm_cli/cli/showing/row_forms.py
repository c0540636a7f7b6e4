"""Rows of figures as TSV, CSV or JSON lines: floats in full, a header line, and no other line."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from typing import Any, TextIO

from rnnlm_cli.cli.showing.render import write_json
from rnnlm_cli.errors import printable
from rnnlm_cli.settings.score import Form
from rnnlm_cli.tasks.rows import Row


def write_rows(rows: Iterable[Row], out: TextIO, form: Form) -> None:
    """Write `rows`, whose columns are those of the first.

    A cell with a quote, the delimiter or a line end stands in quotes, as Python's `csv`, pandas and
    R read it; what is no number is an empty cell, or null. No control character goes to a terminal.
    """
    cell = _shown if out.isatty() else _cell
    if form == "jsonl":
        for row in rows:
            write_json(row, out)
        return
    writer = csv.writer(out, "excel" if form == "csv" else "excel-tab", lineterminator="\n")
    for index, row in enumerate(rows):
        if index == 0:
            writer.writerow(row)
        writer.writerow([cell(value) for value in row.values()])


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    return "" if isinstance(value, float) and math.isnan(value) else value


def _shown(value: Any) -> Any:
    return printable(value) if isinstance(value, str) else _cell(value)
