"""No process outlives the test that started it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import processes
from tests.processes import Owner

ROOT = Path(__file__).parent.parent
FOREVER = """
import signal, subprocess, sys, time
if "deaf" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if "parent" in sys.argv:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    print(child.pid, flush=True)
    if "gone" in sys.argv:
        sys.exit()
print("there", flush=True)
time.sleep(600)
"""


def is_there(pid: int) -> bool:
    """Whether the process runs, or will as soon as it may."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")  # of one that has ended its parent may not have heard yet
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def within_seconds(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.01)
    return holds()


@pytest.mark.parametrize("kind", ["plain", "deaf", "parent", "deaf parent", "parent gone"])
def test_what_was_started_ends_with_what_it_started(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "PATIENCE", 0.1 if "deaf" in kind else 20)
    mine = Owner()
    command = [sys.executable, "-c", FOREVER, *kind.split()]
    process = mine.popen()(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    pids = [process.pid, *(int(process.stdout.readline()) for _ in range("parent" in kind))]
    if "gone" not in kind:
        assert process.stdout.readline() == "there\n"
    mine.end()
    assert within_seconds(lambda: not any(map(is_there, pids)))
    assert process.stdout.closed
    assert mine.processes == []


def test_what_was_started_before_goes_on() -> None:
    mine = Owner()
    first, _ = (mine.popen()([sys.executable, "-c", FOREVER]) for _ in range(2))
    mine.end(1)
    assert (mine.processes, first.poll()) == ([first], None)
    mine.end()
    assert first.poll() is not None


ENDING_BADLY = """
import os, signal, subprocess, sys, time
import pytest

@pytest.fixture(scope="session")
def served():
    return subprocess.Popen(["sleep", "600"])

def test_it(served):
    mine = subprocess.Popen(["sleep", "600"])
    print("PIDS", served.pid, mine.pid, file=sys.__stderr__, flush=True)
    {ending}
    subprocess.run(["sleep", "600"])
"""


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        ("assert 0", 1),
        ("os.kill(os.getpid(), signal.SIGINT)", 2),
        ("os.kill(os.getpid(), signal.SIGTERM)", 2),
    ],
)
def test_tests_that_end_badly_leave_no_process(ending: str, code: int, tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(ENDING_BADLY.format(ending=ending))
    command = [sys.executable, "-m", "pytest", "-sq", "-p", "tests.processes", "test_it.py"]
    place = {"cwd": tmp_path, "env": os.environ | {"PYTHONPATH": str(ROOT)}}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, **place)  # type: ignore[call-overload]
    assert done.returncode == code, done.stdout
    (line,) = (line for line in done.stderr.splitlines() if line.startswith("PIDS"))
    assert not any(is_there(int(pid)) for pid in line.split()[1:])
