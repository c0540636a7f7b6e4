"""What a training step of K ranks is made of, and a model of it that says what more would do.

    python -m benchmarks.ranks                          1, 2 and 4 ranks of the preset tiny on PTB
    python -m benchmarks.ranks "small on ptb" 1 2       another model, other numbers

Each rank has one thread, and beside them stands one process with all cores; they are started by
mpirun (the extra `mpi`), more than there are cores if need be. The model knows the seconds that
processes which do not know of each other take for the streams of a rank, one on each core that the
ranks would have, and the latency L and bandwidth B of a sum, which two ranks tell it. All ranks
wait for the slowest: of K draws from these seconds the largest counts, as it is on average.

    step(K) = E[max of K: compute(N / K)] * max(1, K / cores)
              + 2 log2(K) L + 2 (K - 1) / K * bytes / B
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path
from statistics import median

import numpy as np

from rnnlm_cli.threads import let_idle_blas_threads_sleep, set_blas_threads

let_idle_blas_threads_sleep()

from benchmarks.sizes import find_size  # noqa: E402
from benchmarks.works import make_trainer  # noqa: E402
from rnnlm_cli.arrays import Doubles, Floats  # noqa: E402
from rnnlm_cli.runs.mpi import MPIRanks  # noqa: E402
from rnnlm_cli.training.ranks import Order  # noqa: E402
from rnnlm_cli.training.together import follow, lead  # noqa: E402

_WARM_UP, _STEPS, _ROUNDS = 5, 30, 7
_READY = 0.02  # seconds after which all ranks wait for a sum
# Networks as they are bought: seconds of latency, bytes a second.
_NETWORKS = {"10 Gbit/s": (30e-6, 1.25e9), "100 Gbit/s": (5e-6, 12.5e9)}
_MORE = 2, 8, 64, 512
_FEWEST = 4  # streams that a rank may have


@dataclass(frozen=True)
class Parts:
    """A step of `ranks` ranks that have `streams` in all, in seconds; `numbers` are summed."""

    ranks: int
    streams: int
    steps: int  # words of a stream
    numbers: int
    compute: float
    waiting: float
    summing: float  # when nobody is waited for
    latency: float  # of a sum of one number
    each: tuple[float, ...] = ()  # step of a process alone, in order of their seconds

    @property
    def whole(self) -> float:
        return self.compute + self.waiting + self.summing

    def slowest(self, ranks: int) -> float:
        """The seconds of the slowest of so many ranks, each as this one, on average."""
        below = np.arange(len(self.each) + 1) / len(self.each)  # the share of the steps as fast
        return float(np.diff(below**ranks) @ np.array(self.each))

    @property
    def speed(self) -> float:
        """Words a second."""
        return self.streams * self.steps / self.whole


class _Watched(MPIRanks):
    """Ranks that know how long they were in sums."""

    seconds = 0.0

    def allreduce(self, array: Floats | Doubles) -> None:
        began = time.perf_counter()
        super().allreduce(array)
        self.seconds += time.perf_counter() - began


def _alone(model: str, streams: int, threads: int, out: str) -> None:
    """One of the processes that know nothing of each other; the first writes its steps to `out`."""
    from mpi4py import MPI

    set_blas_threads(threads)
    size = replace(find_size(model), batch_size=streams)
    trainer = make_trainer(size, threads=threads)
    events, seconds = trainer.run(), list[float]()
    MPI.COMM_WORLD.Barrier()
    for step in range(_WARM_UP + _STEPS + _WARM_UP):  # the others are still at it at the end
        began = time.perf_counter()
        next(events)
        if _WARM_UP <= step < _WARM_UP + _STEPS:
            seconds.append(time.perf_counter() - began)
    if MPI.COMM_WORLD.Get_rank() == 0:
        taken, numbers = tuple(sorted(seconds)), trainer.model.flat_params.size
        found = Parts(1, streams, size.time_size, numbers, median(taken), 0.0, 0.0, 0.0, taken)
        Path(out).write_text(json.dumps(asdict(found)), encoding="utf-8")


def _rank(model: str, streams: int, threads: int, out: str) -> None:
    """One of the ranks; the first writes the parts of its step to `out`."""
    from mpi4py import MPI

    ranks = _Watched(MPI.COMM_WORLD)
    set_blas_threads(threads)
    if ranks.rank:
        follow(ranks)
        return
    size = replace(find_size(model), batch_size=streams)
    trainer = make_trainer(size, threads=threads, ranks=ranks)
    lead(trainer)
    events, seconds, summing = trainer.run(), list[float](), list[float]()
    for step in range(_WARM_UP + _STEPS):
        began, ranks.seconds = time.perf_counter(), 0.0
        next(events)
        if step >= _WARM_UP:
            seconds.append(time.perf_counter() - began)
            summing.append(ranks.seconds)
    numbers = trainer.model.flat_params.size
    alone = _sum_seconds(ranks, numbers) if ranks.size > 1 else 0.0
    latency = _sum_seconds(ranks, 1) if ranks.size > 1 else 0.0
    ranks.order(Order.END)
    step_seconds, in_sums = median(seconds), median(summing)
    waiting = max(0.0, in_sums - alone)
    found = Parts(
        ranks=ranks.size,
        streams=streams,
        steps=size.time_size,
        numbers=numbers,
        compute=step_seconds - in_sums,
        waiting=waiting,
        summing=in_sums - waiting,
        latency=latency,
    )
    Path(out).write_text(json.dumps(asdict(found)), encoding="utf-8")


def _sum_seconds(ranks: MPIRanks, numbers: int) -> float:
    """Of a sum for which all ranks are ready."""
    found, zeros = list[float](), np.zeros(numbers, np.float32)
    for _ in range(_STEPS):
        ranks.order(Order.EXCHANGE, numbers)
        time.sleep(_READY)
        began = time.perf_counter()
        ranks.allreduce(zeros)
        found.append(time.perf_counter() - began)
    return median(found)


def _measured(
    model: str, ranks: int, streams: int, threads: int = 1, *, alone: bool = False
) -> Parts:
    environment = os.environ | {
        "OMPI_ALLOW_RUN_AS_ROOT": "1",
        "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
        "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
    }
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "parts.json"
        asked = [model, str(streams), str(threads), str(out)]
        worker = [
            sys.executable,
            "-m",
            "benchmarks.ranks",
            "--alone" if alone else "--rank",
            *asked,
        ]
        command = ["mpirun", "--bind-to", "none", "-n", str(ranks), *worker]
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        return Parts(**json.loads(out.read_text(encoding="utf-8")))


def _middle(found: Sequence[Parts]) -> Parts:
    """Of several rounds the one whose step took the median time, with the steps of all of them."""
    middle = sorted(found, key=lambda parts: parts.whole)[len(found) // 2]
    return replace(middle, each=tuple(sorted(chain(*(parts.each for parts in found)))))


def predicted(
    alone: Parts, ranks: int, latency: float, bandwidth: float, cores: int | None = None
) -> float:
    """Seconds of a step of so many ranks, each with the streams of `alone`; a core each, or so many
    cores for all."""
    share = 1.0 if cores is None else max(1.0, ranks / cores)
    summed = (
        2 * math.log2(ranks) * latency + 2 * (ranks - 1) / ranks * 4 * alone.numbers / bandwidth
    )
    return share * alone.slowest(ranks) + summed


def _found(
    model: str, numbers: Sequence[int], streams: int, cores: int
) -> dict[tuple[str, int], Parts]:
    """Steps of so many "ranks"; of a process as they would be without a word to each other, all
    "here" or each "there" on a machine of its own; and of the "whole" by one with all cores."""

    def measured() -> Iterator[tuple[tuple[str, int], Parts]]:
        for ranks in numbers:
            yield ("ranks", ranks), _measured(model, ranks, streams)
            busy = min(ranks, cores)
            yield ("here", ranks), _measured(model, busy, streams // ranks, alone=True)
        for ranks in (1, *_MORE):
            if streams >= _FEWEST * ranks:
                yield ("there", ranks), _measured(model, 1, streams // ranks, alone=True)
        yield ("whole", 1), _measured(model, 1, streams, cores)

    rounds = [dict(measured()) for _ in range(_ROUNDS)]
    return {case: _middle([each[case] for each in rounds]) for case in rounds[0]}


def main(model: str, numbers: Sequence[int]) -> None:
    """Print the two tables."""
    streams, cores = find_size(model).batch_size, len(os.sched_getaffinity(0))
    found = _found(model, numbers, streams, cores)
    two = found["ranks", 2]
    bandwidth = 4 * two.numbers / max(1e-9, two.summing - 2 * two.latency)
    lines = [
        f"{model}, {cores} cores; L = {1e6 * two.latency:.0f} us, B = {bandwidth / 1e9:.2f} GB/s",
        "| ranks | compute, ms | waiting, ms | summing, ms | words/s | predicted |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    for ranks in numbers:
        parts, alone = found["ranks", ranks], found["here", ranks]
        told = streams * parts.steps / predicted(alone, ranks, two.latency, bandwidth, cores)
        cells = (1e3 * each for each in (parts.compute, parts.waiting, parts.summing))
        shown = " | ".join(f"{cell:.1f}" for cell in cells)
        ratio = told / parts.speed
        lines.append(f"| {ranks} | {shown} | {parts.speed:,.0f} | {told:,.0f} ({ratio:.2f}) |")
    whole = found["whole", 1]
    lines.append(f"| 1, {cores} threads | {1e3 * whole.compute:.1f} | | | {whole.speed:,.0f} | |")
    there = {k: each for (where, k), each in found.items() if where == "there"}
    sys.stdout.write("\n".join([*lines, "", *_on_networks(there)]) + "\n")


def _on_networks(there: Mapping[int, Parts]) -> list[str]:
    """A table of what the model says of ranks with a core each, from processes alone with the
    streams of so many ranks."""
    lines = [
        "| network | ranks | words/s, batch as it is | words/s, as many streams on each |",
        "|---|---:|---:|---:|",
    ]
    words = there[1].streams * there[1].steps
    for network, (latency, bandwidth) in _NETWORKS.items():
        for ranks in _MORE:
            more = ranks * words / predicted(there[1], ranks, latency, bandwidth)
            same = "-"
            if ranks in there:
                same = f"{words / predicted(there[ranks], ranks, latency, bandwidth):,.0f}"
            lines.append(f"| {network} | {ranks} | {same} | {more:,.0f} |")
    return lines


if __name__ == "__main__":
    if sys.argv[1:2] in (["--rank"], ["--alone"]):
        begin = _rank if sys.argv[1] == "--rank" else _alone
        begin(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
    else:
        model, *numbers = sys.argv[1:] or ["tiny on ptb"]
        main(model, [int(number) for number in numbers] or (1, 2, 4))
