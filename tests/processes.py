"""Every process that a test starts ends with it, whether it passes, fails or is interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

PATIENCE = 5.0  # seconds that a process has to end by itself: a pytest in it has its own to end


class Owner:
    """Knows all processes that were started through `subprocess`, each with those it started."""

    def __init__(self) -> None:
        self.processes: list[subprocess.Popen[Any]] = []

    def popen(self) -> type[subprocess.Popen[Any]]:
        """What is to stand for `subprocess.Popen`, for `subprocess.run` and the rest too."""
        owned = self.processes

        class Owned(subprocess.Popen[Any]):
            def __init__(self, *arguments: Any, **settings: Any) -> None:
                owned.append(self)  # first: an interrupt may come while it starts
                super().__init__(*arguments, **{**settings, "start_new_session": True})

        return Owned

    def end(self, first: int = 0) -> None:
        """No process is left of number `first` and those after it, nor of their groups."""
        ended = [process for process in self.processes[first:] if hasattr(process, "pid")]
        del self.processes[first:]
        for number in (signal.SIGTERM, signal.SIGKILL):
            left = [process for process in ended if signalled(process, number)]
            deadline = time.monotonic() + PATIENCE * (number == signal.SIGTERM and bool(left))
            while any(signalled(process, 0) for process in left) and time.monotonic() < deadline:
                time.sleep(0.01)
        for process in ended:
            process.wait()
            for pipe in (process.stdin, process.stdout, process.stderr):
                if pipe is not None:
                    with suppress(OSError):  # what was not yet written has no reader any more
                        pipe.close()


def signalled(process: subprocess.Popen[Any], number: int) -> bool:
    """Sends a signal to the group of `process`; whether one of it is there."""
    process.poll()  # else one that has ended counts as there
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def pytest_configure() -> None:
    """A SIGTERM ends the tests like a Ctrl-C, with the ends of their fixtures."""
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _interrupt)


@pytest.fixture(scope="session", autouse=True)
def owner() -> Iterator[Owner]:
    """Owns the processes of fixtures of every scope."""
    made = Owner()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess, "Popen", made.popen())
        try:
            yield made
        finally:
            made.end()


@pytest.fixture(autouse=True)
def _own_processes(owner: Owner) -> Iterator[None]:
    first = len(owner.processes)
    yield
    owner.end(first)
