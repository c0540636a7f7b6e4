from datetime import datetime, tzinfo
from pathlib import Path

import pytest
from rich.progress import Progress

from rnnlm_cli.cli import progress
from rnnlm_cli.cli.progress import TrainingDisplay
from rnnlm_cli.runs import SaveFailed, train
from tests.conftest import small_run


def test_a_save_that_failed_is_a_warning_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with TrainingDisplay(as_json=False) as display:
        for _ in range(2):  # every time that it happens
            display.show(SaveFailed("m.pkl: 9 bytes could not be written: \x1b[31mfull"))
    out, err = capsys.readouterr()
    assert not out
    line = r"warning: m.pkl: 9 bytes could not be written: \x1b[31mfull; training goes on"
    assert [shown.startswith(line) for shown in err.splitlines()] == [True, True]


class Monday(datetime):
    """Noon of one."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Monday":
        return cls(2030, 1, 7, 12)


@pytest.mark.parametrize(
    ("budget", "shown"),
    [(5_400.0, "1h30m (to about 13:30)"), (86_400.0, "24h00m (to about Tue 12:00)")],
)
def test_a_budget_says_when_it_will_be_used_up(
    budget: float,
    shown: str,
    text_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(progress, "datetime", Monday)
    recipe = {"optimizer": "adamw", "lr": 0.01, "weight_decay": 0.1}
    config = small_run(text_file, tmp_path / "m.pkl", epochs=None, budget=budget, **recipe)
    with TrainingDisplay(as_json=False) as display:
        display.show(next(train(config)))
    assert f", {shown}, batch 2 x 7, adamw 0.01, decay 0.1\n" in capsys.readouterr().err


def test_a_bar_that_never_began_is_not_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[Progress] = []
    monkeypatch.setattr(Progress, "stop", ended.append)
    with TrainingDisplay(as_json=False):
        pass
    assert ended == []
