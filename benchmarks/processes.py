"""Whole commands: how long they take to start, and the most memory that they hold."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.measure import Figure

_RNNLM = [sys.executable, "-m", "rnnlm_cli"]


def run(*arguments: str, folder: Path) -> tuple[float, float]:
    """Seconds and peak resident megabytes of one `rnnlm` command."""
    began = time.perf_counter()
    with open(os.devnull, "wb") as sink:
        process = subprocess.Popen([*_RNNLM, *arguments], stdout=sink, stderr=sink, cwd=folder)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"rnnlm {' '.join(arguments)}: exit code {process.returncode}")
    return time.perf_counter() - began, usage.ru_maxrss / (
        1 << 20 if sys.platform == "darwin" else 1 << 10
    )


def start_up(checkpoint: Path, rounds: int) -> dict[str, Figure]:
    """Seconds of the commands that a person waits for."""
    commands = {
        "rnnlm --help": ["--help"],
        "rnnlm generate --length 20": ["generate", str(checkpoint.resolve()), "--length", "20"],
    }
    with tempfile.TemporaryDirectory() as folder:
        return {
            name: Figure.of([run(*command, folder=Path(folder))[0] for _ in range(rounds)])
            for name, command in commands.items()
        }


def training_memory(corpus: str, seconds: int) -> dict[str, float]:
    """Peak resident megabytes of training the book's two models for a few seconds."""
    found = {}
    for name, preset in (("Rnnlm", "book"), ("BetterRnnlm", "book-better")):
        with tempfile.TemporaryDirectory() as folder:
            arguments = f"train --corpus {corpus} --preset {preset} --budget {seconds}s".split()
            found[name] = median([run(*arguments, folder=Path(folder))[1]])
    return found
