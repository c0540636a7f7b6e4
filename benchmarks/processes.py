"""Whole commands: how long they take to start, and the most memory that they hold."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measure import Figure

_RNNLM = [sys.executable, "-m", "rnnlm_cli"]


def run(*arguments: str, folder: Path) -> tuple[float, bytes]:
    """Seconds and output of one `rnnlm` command."""
    began = time.perf_counter()
    done = subprocess.run([*_RNNLM, *arguments], capture_output=True, cwd=folder, check=True)
    return time.perf_counter() - began, done.stdout


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
            arguments = f"train --corpus {corpus} --preset {preset} --budget {seconds}s --json"
            found[name] = json.loads(run(*arguments.split(), folder=Path(folder))[1])
    return {name: float(document["peak_megabytes"]) for name, document in found.items()}
