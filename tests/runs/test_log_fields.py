"""The log, its schema and its page say the same of every field."""

import json
import runpy
from collections.abc import Iterator
from importlib.resources import files
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from rnnlm_cli.runs.around import Around
from tests.runs.conftest import Scores
from tests.small_runs import small_run, train

ROOT = Path(__file__).parents[2]

SCRIPT = runpy.run_path(str(ROOT / "scripts" / "log_fields"))


@pytest.fixture(scope="module")
def schema() -> Draft202012Validator:
    """As it lies in the package."""
    text = (files("rnnlm_cli.runs") / "log.schema.json").read_text(encoding="utf-8")
    Draft202012Validator.check_schema(json.loads(text))
    return Draft202012Validator(json.loads(text))


def test_schema_and_page_are_those_of_the_records() -> None:
    assert SCRIPT["SCHEMA"].read_text(encoding="utf-8") == SCRIPT["schema_text"](), (
        "run scripts/log_fields --write"
    )
    assert SCRIPT["PAGE"].read_text(encoding="utf-8") == SCRIPT["page"](), (
        "run scripts/log_fields --write"
    )


def test_every_field_has_a_meaning() -> None:
    def values(shape: Any) -> Iterator[dict[str, Any]]:
        for value in shape.get("properties", {}).values():
            yield from (value, *values(value))

    for kind in SCRIPT["schema"]()["$defs"].values():
        assert all(value["description"] for value in (kind, *values(kind)))


@pytest.mark.parametrize(
    ("settings", "kinds"),
    [
        ({"validate_every": "20", "sample_every": 1}, "steps validation epoch sample finished"),
        ({"protocol": "book", "text": 10, "epochs": 1}, "steps epoch finished"),
        ({"steps": 30, "epochs": None}, "steps epoch finished"),  # a part of an epoch
        ({"stop_after": 30}, "steps stopped"),
        ({"unit": "char", "epochs": 1}, "steps epoch finished"),
    ],
)
def test_real_logs_are_as_the_schema_says(
    settings: dict[str, Any],
    kinds: str,
    schema: Draft202012Validator,
    text_file: Path,
    tmp_path: Path,
) -> None:
    settings, log = dict(settings), tmp_path / "log.jsonl"
    asked, last = count(1), settings.pop("stop_after", 10**9)
    text = tmp_path / "text.txt"
    text.write_text(text_file.read_text() * settings.pop("text", 1))
    list(
        train(
            small_run(text, tmp_path / "m.pkl", log=log, **settings),
            Around(stop=lambda: next(asked) > last),
        )
    )
    rows = rows_of(log, schema)
    assert list(dict.fromkeys(row["event"] for row in rows)) == kinds.split()
    for row in rows:
        for wrong in (row | {"nosuch": 1}, {k: v for k, v in row.items() if k != "run"}):
            with pytest.raises(ValidationError):
                schema.validate(wrong)


def test_what_is_infinite_is_null(
    schema: Draft202012Validator, text_file: Path, tmp_path: Path, epochs_score: Scores
) -> None:
    epochs_score(1.0, 800.0)
    log = tmp_path / "log.jsonl"
    list(train(small_run(text_file, tmp_path / "m.pkl", log=log)))
    ends = [row for row in rows_of(log, schema) if row["event"] == "epoch"]
    assert ends[1]["valid_perplexity"] is None


def rows_of(log: Path, schema: Draft202012Validator) -> list[dict[str, Any]]:
    """The lines of a log, each as the schema says."""
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    for row in rows:
        schema.validate(row)
    return rows
