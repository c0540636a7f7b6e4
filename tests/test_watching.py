"""What is told of something long fits where it is told."""

import subprocess
import sys
from itertools import count

import pytest

from rnnlm_cli.watching import bar_of_here

NOTEBOOK = """
import sys, types
sys.modules["IPython"] = types.ModuleType("IPython")
sys.modules["IPython"].get_ipython = lambda: None
for name in ("ipykernel", "ipykernel.zmqshell"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["ipywidgets"] = None
from rnnlm_cli.watching import bar_of_here
print(type(bar_of_here(1, disable=True)).__mro__)
"""


def test_a_notebook_without_widgets_gets_a_bar_of_text_and_no_warning() -> None:
    command = [sys.executable, "-W", "error", "-c", NOTEBOOK]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.stderr, "notebook" in done.stdout) == ("", False)


def test_where_text_is_kept_a_bar_moves_a_hundred_times_at_most(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tqdm.std.time", count().__next__)  # its clock: a second a step
    with bar_of_here(5000.0) as bar:
        for _ in range(5000):
            bar.update(1.0)
    assert 95 < capsys.readouterr().err.count("\r") < 105
