"""Contenders in a process of their own, with its own memory and threads: torch, the textbook."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from benchmarks.measure import Contender
from rnnlm_cli.machine import usable_cores


class Peer:
    """A child process that takes its turn when a line comes in, and answers with the seconds.

    A slow one may be asked for a part of the work: one in `part`, whose seconds count so often.
    """

    def __init__(self, module: str, *, part: int = 1, **asked: Any) -> None:
        self._part = part
        command = [sys.executable, "-W", "ignore", "-m", f"benchmarks.{module}", json.dumps(asked)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.name = self._answer()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("a contender's process ended: see its message above")
        return line.strip()

    def turn(self) -> float:
        """One turn; the seconds that it took, as the child measured them."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return float(self._answer()) * self._part

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def answer_turns(
    name: str, turn: Callable[[], object], clock: Callable[[], float] = time.perf_counter
) -> None:
    """The child's side: say who it is, then take a turn for every line."""
    _say(name)
    for _ in sys.stdin:
        began = clock()
        turn()
        _say(clock() - began)


def _say(answer: object) -> None:
    sys.stdout.write(f"{answer}\n")
    sys.stdout.flush()


def torch_peers(*variants: dict[str, Any]) -> list[Peer]:
    """A peer for each variant with oneDNN and without; none where torch is not installed."""
    if find_spec("torch") is None:
        return []
    threads = usable_cores()
    return [
        Peer("torch_worker", onednn=onednn, threads=threads, **asked)
        for asked in variants
        for onednn in (True, False)
    ]


def contenders_of(peers: list[Peer]) -> list[Contender]:
    """The peers as contenders."""
    return [Contender(peer.name, peer.turn) for peer in peers]
