"""Which rows of a table are one text, and in which order their words are read."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any

from rnnlm_cli.errors import CorpusError, quoted
from rnnlm_cli.tasks.tables.columns import Table, is_missing

Key = tuple[object, ...]
Rows = list[int]


def grouped(
    table: Table, filled: Sequence[int], by: Sequence[str], order_by: str | None
) -> list[Rows]:
    """The `filled` rows, those with a word, of each text, in the order of its words.

    Rows are of one text that have the same cells in the columns `by`; they are read as they stand,
    or by the column `order_by`: see `_ordered`. Raises CorpusError for a row without a group, or
    with a list for one, and for a group with others between its rows where no column tells their
    order.
    """
    cells, groups = table.select(by) if by else [], dict[Key, Rows]()
    last: Key | None = None
    for row in filled:
        key = tuple(column[row] for column in cells)
        for name, cell in zip(by, key, strict=True):
            _check_cell(table, row, name, cell, "the text that its word belongs to")
        if key != last:
            if order_by is None and key in groups:
                _refuse_pieces(table, groups[key][-1], row, by, key)
            last = key
        groups.setdefault(key, []).append(row)
    return list(groups.values()) if order_by is None else _ordered(table, groups, order_by)


def _check_cell(table: Table, row: int, name: str, cell: object, told: str) -> None:
    """Raises CorpusError for a cell that is missing, or that is none but holds several."""
    if is_missing(cell):
        raise CorpusError(
            f"{table.place(row)} has nothing in {quoted(name)}, which tells {told}: fill it in"
        )
    try:
        hash(cell)  # nothing can be hashed that compares element by element
    except TypeError:
        raise CorpusError(
            f"{table.place(row)} has {quoted(cell)} in {quoted(name)}, which tells {told}: "
            "make it text or a number"
        ) from None


def _refuse_pieces(table: Table, before: int, row: int, by: Sequence[str], key: Key) -> None:
    group = ", ".join(f"{quoted(name)} {quoted(cell)}" for name, cell in zip(by, key, strict=True))
    raise CorpusError(
        f"{table.place(row)} goes on with {group}, whose words before it end at "
        f"{table.place(before)}, and there are others between: name the column that tells the "
        "order of its words with order-by, or sort the rows"
    )


def _ordered(table: Table, groups: Mapping[Key, Rows], name: str) -> list[Rows]:
    """The rows of each group by what is in the column `name`: numbers as such, else as text.

    Raises CorpusError where that is missing, is a number in some rows and text in others, or is the
    same in two rows of a group.
    """
    (cells,) = table.select([name])
    order: dict[int, Any] = {
        row: _place_in_order(table, row, name, cells[row])
        for rows in groups.values()
        for row in rows
    }
    texts = [row for row, place in order.items() if isinstance(place, str)]
    if 0 < len(texts) < len(order):
        raise CorpusError(
            f"{table.place(min(texts))} has {quoted(cells[min(texts)])} in {quoted(name)}, where "
            "other rows have numbers: give all of them numbers, or none"
        )
    try:
        found = [sorted(rows, key=order.__getitem__) for rows in groups.values()]
    except TypeError:
        raise CorpusError(
            f"{quoted(name)} has values that have no order among them: give all rows numbers, or "
            "all text"
        ) from None
    for rows in found:
        for one, other in pairwise(rows):
            if order[one] == order[other]:
                raise CorpusError(
                    f"{table.place(other)} has {quoted(cells[other])} in {quoted(name)}, as "
                    f"{table.place(one)} of the same text has: group by more columns, or correct it"
                )
    return found


def _place_in_order(table: Table, row: int, name: str, cell: object) -> object:
    _check_cell(table, row, name, cell, "the place of its word")
    return _number(cell) if isinstance(cell, str) else cell


def _number(cell: str) -> float | str:
    """The number that is written there, exact where it is whole; else the text itself."""
    if "_" in cell:  # to Python 1_0 is a number
        return cell
    with suppress(ValueError):
        return int(cell)
    with suppress(ValueError):
        return number if math.isfinite(number := float(cell)) else cell
    return cell
