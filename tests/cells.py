"""The scripts of a page, run one after the other as the cells of a notebook are.

What a cell of Python has made, those below it can use. A warning is an error in both languages.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import IO

_ROOT = Path(__file__).parent.parent
_READER = """
import contextlib, io, json, sys, traceback

def _answer(line):
    printed, error = io.StringIO(), ""
    with contextlib.redirect_stdout(printed):
        try:
            exec(compile(json.loads(line), "a block", "exec"), globals())
        except BaseException:
            error = traceback.format_exc()
    return json.dumps([printed.getvalue(), error])

for _line in sys.stdin:
    print(_answer(_line), flush=True)
"""


class Session:
    """A Python in a folder, which is started when there is something for it to do."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None

    def run(self, source: str) -> str:
        """What it prints. Raises AssertionError with its traceback."""
        process = self._process = self._process or self._start()
        _pipe(process.stdin).write(json.dumps(source) + "\n")
        _pipe(process.stdin).flush()
        answer = _pipe(process.stdout).readline()
        assert answer, f"Python ended, code {process.wait()}"
        printed, error = json.loads(answer)
        assert not error, error
        return str(printed)

    def close(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.communicate()

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-W", "error", "-c", _READER],
            cwd=self._folder,
            env=os.environ | {"PYTHONPATH": str(_ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


def missing(modules: set[str], folder: Path) -> list[str]:
    """Which of them are neither installed nor in the folder."""
    here = {path.stem for path in folder.glob("*.py")}
    return [each for each in sorted(modules - here) if importlib.util.find_spec(each) is None]


def run_r(source: str, folder: Path) -> str:
    """What a script of R prints."""
    command = ["Rscript", "-e", "options(warn = 2)", "-e", source]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def has_r() -> bool:
    """Whether R is installed."""
    return shutil.which("Rscript") is not None
