"""Torch as a contender: a child process that takes its turn when told to."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from typing import Any

from benchmarks.measure import Contender
from rnnlm_cli.threads import usable_cores


def torch_is_there() -> bool:
    """Whether the optional extra `bench` is installed."""
    return find_spec("torch") is not None


class TorchPeer:
    """A process of `benchmarks.torch_worker`; use it as a context."""

    def __init__(self, **asked: Any) -> None:
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.torch_worker"]
        asked["threads"] = usable_cores()
        self._process = subprocess.Popen(
            [*command, json.dumps(asked)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.version = self._answer()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the torch process ended: see its message above")
        return line.strip()

    def turn(self) -> float:
        """One turn; the seconds that it took, as the child measured them."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return float(self._answer())

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def torch_contenders(
    variants: dict[str, dict[str, Any]],
) -> tuple[list[Contender], list[TorchPeer]]:
    """A contender for each variant with oneDNN and without; none where torch is not installed."""
    contenders, peers = [], []
    for name, asked in variants.items() if torch_is_there() else ():
        for onednn in (True, False):
            peer = TorchPeer(onednn=onednn, **asked)
            peers.append(peer)
            label = f"{peer.version}{'' if onednn else ', no oneDNN'}{name}"
            contenders.append(Contender(label, peer.turn))
    return contenders, peers
