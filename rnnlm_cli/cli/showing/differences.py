"""How models compare on the lines of a text: is it more than chance?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.text import Text

from rnnlm_cli.cli.showing.render import console, number, show_columns
from rnnlm_cli.errors import printable

_HEADS = "", "difference", "95%", "p", "lines", "blocks"
_SMALLEST = 0.0001  # p that is shown in full
_EASIER = "An unknown word costs its <unk> alone: who knows fewer words has it easier."


def show_differences(rows: Sequence[dict[str, Any]], heads: Sequence[str]) -> None:
    """A row for each model that was compared with the first; `heads` are their names.

    Where there are several texts it is a row for each of them too.
    """
    texts = {row["corpus"] for row in rows}
    several = len(texts) > 1
    names = [
        f"{head}, {row['corpus']}" if several else head
        for head, row in zip(heads, rows, strict=True)
    ]
    named = zip(names, rows, strict=True)
    compared = [_cells(head, row["difference"]) for head, row in named if row.get("difference")]
    if not compared:
        return
    title = f"nats a line, less those of {printable(heads[0])}: below 0 is better"
    console().print(Text(title, style="italic"))
    show_columns(_HEADS, compared)
    if len({(row["corpus"], row["unknown"]) for row in rows}) > len(texts):
        console().print(Text(_EASIER))


def _cells(head: str, found: dict[str, Any]) -> list[str]:
    low, high = found["interval"]
    return [
        head,
        f"{found['nats_per_line']:+.4f}",
        f"{low:+.4f} to {high:+.4f}",
        f"<{_SMALLEST}" if found["p"] < _SMALLEST else number(found["p"], 4),
        f"{found['lines']:,}",
        f"{found['blocks']:,}",
    ]
