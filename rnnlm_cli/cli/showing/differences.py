"""How models compare on the lines of a text: is it more than chance?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.text import Text

from rnnlm_cli.cli.showing.render import add_row, console, number, table

_SMALLEST = 0.0001  # p that is shown in full


def show_differences(rows: Sequence[dict[str, Any]], heads: Sequence[str]) -> None:
    """A row for each model that was compared with the first; `heads` are their names."""
    compared = [(row["difference"], head) for row, head in zip(rows, heads, strict=True)
                if row.get("difference")]  # fmt: skip
    if not compared:
        return
    title = f"nats a line, less those of {heads[0]}: below 0 is better"
    shown = table("", "difference", "95%", "p", "lines", "blocks", title=title)
    for found, head in compared:
        low, high = found["interval"]
        add_row(
            shown,
            head,
            f"{found['nats_per_line']:+.4f}",
            f"{low:+.4f} to {high:+.4f}",
            f"<{_SMALLEST}" if found["p"] < _SMALLEST else number(found["p"], 4),
            f"{found['lines']:,}",
            f"{found['blocks']:,}",
        )
    console().print(shown)
    if len({row["unknown"] for row in rows}) > 1:
        note = "An unknown word costs its <unk> alone: who knows fewer words has it easier."
        console().print(Text(note), soft_wrap=False)
