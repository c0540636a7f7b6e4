"""Reading in a process of its own: what crashes it or fills its memory is then a result."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

_MEASURED = """
import json, os, sys, time
from tests.clock import slowness
{setup}
def kilobytes(name):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name))
def read(path):
    open("/proc/self/clear_refs", "w").write("5")  # the peak begins anew
    slow, before, outcome = slowness(), kilobytes("VmRSS"), ""
    began = time.process_time()
    try:
{action}
    except Exception as error:
        outcome = type(error).__name__ + ": " + str(error)
    seconds = (time.process_time() - began) / max(slow, slowness())
    print(json.dumps([outcome, seconds, (kilobytes("VmHWM") - before) / 1024]), flush=True)
for path in sys.argv[1:]:
    if not (child := os.fork()):  # no file profits from the memory that another one left
        read(path)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        print(json.dumps(["a crash", 0, 0]), flush=True)
"""
CAN_MEASURE = Path("/proc/self/clear_refs").exists()


def run(program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """`program` in a Python of its own."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def measured(setup: str, action: str, paths: list[Path]) -> list[tuple[str, float, float]]:
    """How `action` on each `path` ends, after `setup`: its error or "", CPU seconds, megabytes.

    The seconds are those of a common processor: a slow or busy one is measured by a loop.
    """
    lines = "\n".join(f"        {line}" for line in action.splitlines())
    done = run(_MEASURED.format(setup=setup, action=lines), *paths)
    assert done.returncode == 0, done.stderr
    outcomes: list[Any] = [json.loads(line) for line in done.stdout.splitlines()]
    return [(outcome[0], outcome[1], outcome[2]) for outcome in outcomes]
