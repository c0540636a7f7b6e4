"""What is written of scores."""

import pytest

from rnnlm_cli.settings.score import Form, ScoreConfig


@pytest.mark.parametrize(
    ("name", "form"),
    [("x.csv", "csv"), ("X.CSV", "csv"), ("x.JsonL", "jsonl"), ("x.txt", "tsv"), (None, "tsv")],
)
def test_the_name_of_a_file_tells_its_form(name: str | None, form: Form) -> None:
    assert ScoreConfig().form_of(name) == form
    assert ScoreConfig(form="csv").form_of(name) == "csv"
