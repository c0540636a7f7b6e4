import re
import sys
from dataclasses import replace
from datetime import datetime, tzinfo
from itertools import count
from pathlib import Path

import pytest

from rnnlm_cli.cli.showing import progress
from rnnlm_cli.cli.showing.progress import TrainingDisplay
from rnnlm_cli.runs import RunStarted, Sample, SaveFailed
from rnnlm_cli.runs.around import Around
from tests.cli.test_commands import ok
from tests.small_runs import small_run, train


def test_a_save_that_failed_is_a_warning_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with TrainingDisplay(as_json=False) as display:
        for _ in range(2):  # every time that it happens
            display.show(SaveFailed("m.pkl: 9 bytes could not be written: \x1b[31mfull"))
    out, err = capsys.readouterr()
    assert not out
    line = r"warning: m.pkl: 9 bytes could not be written: \x1b[31mfull; training goes on"
    assert [shown.startswith(line) for shown in err.splitlines()] == [True, True]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("the cat sees\na \x1b[31mdog\n\n", "the cat sees / a \\x1b[31mdog"),
        ("the old cat sees a dog and the bird", "the old cat sees a dog and the…"),
        ("吾輩は猫である。名前はまだ無い。どこで生れたか", "吾輩は猫である。名前はまだ無い…"),
    ],
)
def test_a_sample_is_one_line_no_wider_than_the_terminal(
    text: str, shown: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "columns", lambda: 40)
    with TrainingDisplay(as_json=False) as display:
        display.show(Sample(7, 1, text))
    assert capsys.readouterr().err == f"        {shown}\n"


class Monday(datetime):
    """Noon of one."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Monday":
        return cls(2030, 1, 7, 12)


@pytest.mark.parametrize(
    ("budget", "shown", "sooner"),
    [
        (5_400.0, "1h30m (to about 13:30)", "1h30m (to about 13:00)"),
        (86_400.0, "24h00m (to about Tue 12:00)", "24h00m (to about Tue 11:30)"),
    ],
)
def test_a_budget_says_when_it_will_be_used_up(
    budget: float,
    shown: str,
    sooner: str,
    text_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(progress, "datetime", Monday)
    recipe = {"optimizer": "adamw", "lr": 0.01, "weight_decay": 0.1, "beta1": 0.6}
    config = small_run(text_file, tmp_path / "m.pkl", epochs=None, budget=budget, **recipe)
    started = next(train(config))
    assert isinstance(started, RunStarted)
    with TrainingDisplay(as_json=False) as display:
        display.show(started)
        display.show(replace(started, seconds=1_800.0))  # resumed, perhaps in its first epoch
    said = capsys.readouterr().err
    assert f", {shown}, batch 2 x 7, adamw 0.01, beta1 0.6, decay 0.1\n" in said
    assert sooner in said


def test_a_run_that_is_stopped_shows_what_it_made_of_its_epoch(
    text_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = count(1)
    with TrainingDisplay(as_json=False) as display:
        for event in train(
            small_run(text_file, tmp_path / "m.pkl"), Around(stop=lambda: next(asked) > 79)
        ):
            display.show(event)
    *_, whole, cut, stopped, _ = capsys.readouterr().err.splitlines()
    assert re.match(r" +1 +[\d.]+ +[\d.]+ ", whole)
    assert re.match(r"2 \(\d\d%\) +[\d.]+ +— ", cut.strip())
    assert stopped.startswith("stopped after")
    shown = ok("inspect", tmp_path / "m.last.pkl")
    assert re.search(r"\nsaved +in epoch 2, after \d\d steps of it\n", shown)


@pytest.mark.parametrize(
    ("terminal", "settings", "bar"),
    [
        (True, {}, True),
        (True, {"NO_COLOR": "1"}, True),
        (True, {"TERM": "dumb"}, False),
        (False, {"FORCE_COLOR": "1"}, False),
        (False, {"TTY_COMPATIBLE": "1", "TTY_INTERACTIVE": "1"}, False),
    ],
    ids=str,
)
def test_a_bar_is_for_terminals_that_can_move_their_cursor(
    terminal: bool, settings: dict[str, str], bar: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"TERM": "xterm", **settings}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    assert TrainingDisplay(as_json=False).on_terminal is bar


def test_colours_that_are_asked_for_are_all_that_a_pipe_gets(
    text_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")
    with TrainingDisplay(as_json=False) as display:
        for event in train(small_run(text_file, tmp_path / "m.pkl", epochs=1)):
            display.show(event)
    out, err = capsys.readouterr()
    assert "\x1b[1m" in err  # the head of the table, in bold
    assert not re.sub(r"\x1b\[[0-9;]*m", "", out + err).count("\x1b")
