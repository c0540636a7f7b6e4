"""What is told of something long fits where it is told."""

import subprocess
import sys

NOTEBOOK = """
import sys, types
sys.modules["IPython"] = types.ModuleType("IPython")
sys.modules["IPython"].get_ipython = lambda: None
for name in ("ipykernel", "ipykernel.zmqshell"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["ipywidgets"] = None
from rnnlm_cli.stopping import bar_of_here
print(bar_of_here().__module__)
"""


def test_a_notebook_without_widgets_gets_a_bar_of_text_and_no_warning() -> None:
    command = [sys.executable, "-W", "error", "-c", NOTEBOOK]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.stderr, "notebook" in done.stdout) == ("", False)
