"""Test suites in JSON files, as SyntaxGym writes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from rnnlm_cli.corpus.reading.decoding import read_text
from rnnlm_cli.corpus.reading.files import place_of
from rnnlm_cli.errors import CorpusError, quoted
from rnnlm_cli.tasks.contrasts.contrast_files import files_at, read_json, stem_of
from rnnlm_cli.tasks.contrasts.formulas import ALL, Formula
from rnnlm_cli.tasks.contrasts.regions import Regions
from rnnlm_cli.tasks.contrasts.suites import Condition, Item, Suite

Value = TypeVar("Value")

_KINDS: dict[type, str] = {
    dict: "an object", list: "a list", str: "text", int: "a whole number"
}  # fmt: skip


def read_suites(paths: Iterable[str | Path]) -> Iterator[Suite]:
    """The suites in files, one at a time; a folder stands for its *.json. See `read_suite`."""
    for path in paths:
        yield from map(read_suite, files_at(path, ".json"))


def read_suite(path: str | Path) -> Suite:
    """The suite in a file. Raises CorpusError, which names the file and what in it is wrong."""
    where = place_of(path)
    return suite_of(read_json(read_text(path), where), where, stem_of(path))


def suite_of(document: Any, where: str, name: str) -> Suite:
    """The suite that a JSON `document` is; `name`, if it has none. Raises CorpusError."""
    given = document.get("meta") if isinstance(document, dict) else None
    if isinstance(given, dict) and isinstance(given.get("name"), str):
        name = given["name"]
    predictions = tuple(
        _formula(record, place) for record, place in _listed(document, "predictions", where)
    )
    items = tuple(
        Item(_number(record, "item_number", number, place), tuple(_conditions(record, place)))
        for number, (record, place) in enumerate(_listed(document, "items", where), 1)
    )
    suite = Suite(name, where, predictions, items)
    _check_references(suite)
    return suite


def _formula(record: Any, place: str) -> Formula:
    text = _field(record, "formula", str, place)
    try:
        return Formula.parse(text)
    except CorpusError as error:
        raise CorpusError(f"{place}: {error}") from None


def _conditions(item: Any, where: str) -> Iterator[Condition]:
    names = set[str]()
    for record, place in _listed(item, "conditions", where):
        name = _field(record, "condition_name", str, place)
        if name in names:
            raise CorpusError(f"{place}: {quoted(name)} is the name of another condition too")
        names.add(name)
        regions = list(_listed(record, "regions", f"{place} ({quoted(name)})"))
        contents = [_field(region, "content", str, inside) for region, inside in regions]
        numbers = tuple(
            str(_number(region, "region_number", n, inside))
            for n, (region, inside) in enumerate(regions, 1)
        )
        if len({*numbers}) < len(numbers):
            raise CorpusError(f"{place} ({quoted(name)}): two regions have the same number")
        yield Condition(name, numbers, Regions.join(contents))


def _check_references(suite: Suite) -> None:
    """Raises CorpusError where an item has not every region that is compared."""
    for formula in suite.predictions:
        for item in suite.items:
            found = {condition.name: condition.numbers for condition in item.conditions}
            for number, name in formula.references:
                if name not in found or number not in (ALL, *found[name]):
                    raise CorpusError(
                        f"{suite.where}: {quoted(formula.text)} compares region {number} of the "
                        f"condition {quoted(name)}, which item {item.number} has not"
                    )


def _listed(record: Any, name: str, where: str) -> Iterator[tuple[Any, str]]:
    """What is in a list of `record`, each with its place for messages; it must not be empty."""
    values = _field(record, name, list, where)
    if not values:
        raise CorpusError(f"{where}: the list {quoted(name)} is empty: put one in it at least")
    for number, value in enumerate(values, 1):
        yield value, f"{where}, {name[:-1]} {number}"


def _number(record: Any, name: str, default: int, place: str) -> int:
    """A number that may be left out, and stands in quotes in some files."""
    value = record.get(name, default) if isinstance(record, dict) else default
    if isinstance(value, str) and value.isdecimal() and len(value) < 10:
        return int(value)
    return _field({name: value}, name, int, place)


def _field(record: Any, name: str, kind: type[Value], place: str) -> Value:
    if not isinstance(record, dict):
        raise CorpusError(f"{place} is no object, but one with {quoted(name)} was needed")
    if name not in record:
        raise CorpusError(f"{place} has no {quoted(name)}, which a suite of SyntaxGym needs")
    value = record[name]
    if not isinstance(value, kind) or isinstance(value, bool):
        raise CorpusError(f"{place}: {quoted(name)} is not {_KINDS[kind]}, as it must be")
    return value
