from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from rnnlm_cli.checkpoint.checkpoint import load_checkpoint
from rnnlm_cli.errors import ConfigError
from rnnlm_cli.runs import Event, RunStarted, ValidationReport, resume, state_path, validating
from rnnlm_cli.runs.around import Around
from rnnlm_cli.scoring.evaluation import evaluate
from rnnlm_cli.settings.run import RunRequest
from rnnlm_cli.settings.train import Interval
from rnnlm_cli.training.pace import Pace
from rnnlm_cli.training.reports import StepReport
from tests.runs.contents import content, log_rows
from tests.small_runs import small_run, train

STEPS = 53  # of an epoch of the small text


def validations(events: Iterator[Event]) -> list[ValidationReport]:
    return [event for event in events if isinstance(event, ValidationReport)]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"dropout": 0.3, "optimizer": "adam", "lr": 0.01, "average": 0.7, "random_offsets": True},
        {"schedule": "plateau", "patience": 1, "epochs": 4, "lr": 90.0, "max_grad": 9.0},
    ],
)
def test_a_run_is_the_same_to_the_bit_with_validations_and_without(
    settings: dict[str, Any], text_file: Path, tmp_path: Path
) -> None:
    found = []
    for name, every in (("with", "7"), ("without", None)):
        out, log = tmp_path / f"{name}.pkl", tmp_path / f"{name}.jsonl"
        list(train(small_run(text_file, out, log=log, validate_every=every, **settings)))
        rows = [row for row in log_rows(log) if row["event"] != "validation"]
        found.append((content(out), content(state_path(out)), rows))
        assert (len(rows) < len(log_rows(log))) == (every is not None)
    assert found[0] == found[1]


def test_they_come_at_their_steps_but_where_an_epoch_ends(text_file: Path, tmp_path: Path) -> None:
    run = small_run(text_file, tmp_path / "m.pkl", validate_every=str(STEPS))
    assert not validations(train(run))
    run = small_run(text_file, tmp_path / "m.pkl", validate_every="25", epochs=None, steps=25)
    assert not validations(train(run))
    run = small_run(text_file, tmp_path / "m.pkl", validate_every="25")
    found = validations(train(run))
    assert [each.so_far.step for each in found] == [25, 50, 75, 100]
    assert [each.so_far.epoch for each in found] == [1, 1, 2, 2]
    assert [round(each.so_far.share * STEPS) for each in found] == [25, 50, 22, 47]


def test_a_whole_split_gives_the_perplexity_of_the_epoch_that_ends_there(
    text_file: Path, tmp_path: Path
) -> None:
    same: dict[str, Any] = {"schedule": "constant", "epochs": None, "average": 1.0}
    list(train(small_run(text_file, tmp_path / "a.pkl", steps=25, **same)))
    (epoch,) = load_checkpoint(tmp_path / "a.pkl").history
    within, *_ = validations(
        train(small_run(text_file, tmp_path / "b.pkl", steps=26, validate_every="25", **same))
    )
    assert within.is_whole
    assert within.so_far.valid_nats == epoch.valid_nats


def test_of_a_long_split_the_beginning_is_scored_and_a_note_says_so(
    text_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validating, "MOST_TOKENS", 40)
    begun, *events = train(small_run(text_file, tmp_path / "m.pkl", validate_every="25"))
    assert isinstance(begun, RunStarted)
    whole = len(begun.corpus.ids("valid"))
    note = f"validations within an epoch score the first 40 of {whole} tokens; those at its end all"
    assert note in begun.notes
    assert {(each.tokens, each.is_whole) for each in validations(iter(events))} == {(40, False)}
    begun, *_ = resume(tmp_path / "m.pkl", {"epochs": 3, "validate_every": "25"})
    assert isinstance(begun, RunStarted)
    assert note in begun.notes
    begun, *_ = train(small_run(text_file, tmp_path / "m.pkl"))
    assert isinstance(begun, RunStarted)
    assert note not in begun.notes


@pytest.mark.parametrize(
    ("took", "steps", "in_next_epoch"),
    # 10 seconds apart, or nine times as long as one takes; a step takes 2
    [(1.0, [6, 11, 16], 6), (3.0, [6, 20, 34], 15)],
)
def test_a_duration_is_counted_from_the_end_of_the_one_before(
    took: float,
    steps: list[int],
    in_next_epoch: int,
    text_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [0.0]

    def scored(*given: Any, **named: Any) -> Any:
        now[0] += took
        return evaluate(*given, **named)

    monkeypatch.setattr(validating, "evaluate", scored)
    run = small_run(text_file, tmp_path / "m.pkl", validate_every="10s")
    found = []
    for event in train(run, Around(clock=lambda: now[0])):
        now[0] += 2.0 if isinstance(event, StepReport) else 0.0
        found += [event.so_far.step] if isinstance(event, ValidationReport) else []
    assert found[:3] == steps
    assert min(step for step in found if step > STEPS) == STEPS + in_next_epoch


def test_there_is_none_for_which_a_budget_has_no_time(
    text_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Pace, "has_time_for", lambda *_: False)
    run = small_run(text_file, tmp_path / "m.pkl", validate_every="1")
    assert not validations(train(run))


def test_a_run_that_goes_on_may_have_others(text_file: Path, tmp_path: Path) -> None:
    run, asked = small_run(text_file, tmp_path / "m.pkl", validate_every="10"), count(1)
    assert len(validations(train(run, Around(stop=lambda: next(asked) > 30)))) == 3
    assert [
        each.so_far.step for each in validations(resume(run.out, {"validate_every": "40"}))
    ] == [
        40,
        80,
    ]


@pytest.mark.parametrize(
    ("text", "interval"),
    [
        ("500", Interval(500, "steps")),
        ("6s", Interval(6.0, "seconds")),
        ("1h30m", Interval(5400.0, "seconds")),
    ],
)
def test_an_interval_is_steps_or_a_duration(text: str, interval: Interval) -> None:
    assert RunRequest.of(validate_every=text).validate_every == text
    assert Interval.read(text) == interval


@pytest.mark.parametrize(
    "every", ["", "six", "1.5", "-3", "٣", "0", "0s", "9" * 5_000, "32000000h"]
)
def test_what_is_neither_says_what_was_needed(every: str) -> None:
    with pytest.raises(ConfigError, match=r"must be from 1 to 10\^9 steps, as in '500', or a time"):
        RunRequest.of(validate_every=every)


@pytest.mark.parametrize("every", [60, 60.0, True])
def test_a_number_alone_does_not_say_whether_it_is_steps(every: Any) -> None:
    with pytest.raises(
        ConfigError,
        match=rf"^validate-every is {every}, but must be from 1 to 10\^9 steps, as in '500', or",
    ):
        RunRequest.of(validate_every=every)
