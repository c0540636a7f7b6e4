"""What is said of a plan: what was chosen for the text, why, and how long it takes."""

from dataclasses import replace

import pytest

from rnnlm_cli.runs.choice_notes import chosen_settings, passes_of_budget, time_of_run
from rnnlm_cli.settings.run import RunRequest
from rnnlm_cli.training.planning import Forecast, TextFacts, fitted

PTB = TextFacts(929_589, 10_000)


def test_what_was_chosen_is_told_and_a_preset_that_is_not_the_usual_one() -> None:
    asked = RunRequest.of(hidden_size=128, projection=False)
    (note,) = chosen_settings(asked, fitted(asked, PTB), PTB)
    assert "training tokens: preset tiny, dropout 0.15, head size 1500, batch size 32" in note
    assert "preset" not in chosen_settings(RunRequest(), fitted(RunRequest(), PTB), PTB)[0]
    assert chosen_settings(RunRequest.of("book"), fitted(RunRequest.of("book"), PTB), PTB) == []


def test_clusters_are_told_by_their_edges() -> None:
    large, asked = TextFacts(929_589, 50_000), RunRequest.of("tiny")
    run = fitted(asked, large)
    assert f"cluster edges {run.model.edges[0]}," in chosen_settings(asked, run, large)[0]


def test_a_budget_is_told_with_the_speed_that_was_tried_and_the_machine() -> None:
    run = fitted(RunRequest.of("small"), PTB)
    found = Forecast(run, 100.0, 0.123)
    note = passes_of_budget(RunRequest.of("small"), found, 200e9)
    told = "about 0.1 epochs at 100 words/s, as a few steps took here (200 GFLOP/s)"
    assert note == f"preset small: {told}"
    why = "preset small, the largest that pays for this text in this time"
    assert passes_of_budget(RunRequest(), found, 200e9) == f"{why}: {told}"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(90.0, "90 seconds"), (600.0, "10 minutes"), (7_100.0, "118 minutes"), (2e4, "6 hours")],
)
def test_a_long_run_says_how_long_it_takes(seconds: float, told: str) -> None:
    run, text = fitted(RunRequest.of("small"), PTB), replace(PTB, valid_tokens=3_000)
    found = Forecast(run, 2 * 930_589 / seconds, 2.0)
    pace = f"{found.speed:,.0f} words/s, as a few steps took here"
    assert time_of_run(found, text) == f"this takes about {told}, at {pace}"
