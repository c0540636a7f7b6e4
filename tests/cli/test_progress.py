import pytest

from rnnlm_cli.cli.progress import TrainingDisplay
from rnnlm_cli.runs import SaveFailed


def test_a_save_that_failed_is_a_warning_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with TrainingDisplay(as_json=False) as display:
        for _ in range(2):  # every time that it happens
            display.show(SaveFailed("m.pkl: 9 bytes could not be written: \x1b[31mfull"))
    out, err = capsys.readouterr()
    assert not out
    line = r"warning: m.pkl: 9 bytes could not be written: \x1b[31mfull; training goes on"
    assert [shown.startswith(line) for shown in err.splitlines()] == [True, True]
