"""The cores of the machine, and who works on them when: the BLAS or our own threads."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import Any

Work = Callable[[int, int], None]

_FEWEST_NUMBERS = 1 << 14  # a part with less work than this costs more to hand over than to do


def usable_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def _blas_libraries() -> list[Any]:
    """The loaded BLAS libraries whose number of threads can be set."""
    from threadpoolctl import ThreadpoolController

    return list(ThreadpoolController().select(user_api="blas").lib_controllers)


def set_blas_threads(threads: int) -> None:
    """Let the BLAS use `threads` cores from its next call on; takes about a microsecond."""
    for library in _blas_libraries():
        library.set_num_threads(threads)


def let_idle_blas_threads_sleep() -> None:
    """To be called before NumPy is loaded, whose OpenBLAS reads this once.

    An OpenBLAS thread spins for 2^26 cycles, 26 ms, before it sleeps, on a core that our threads
    want: the step of BetterRnnlm took half as long again. 2^18 bridge the gap between two steps.
    """
    os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "18")


class Cores:
    """`threads` cores that share work in equal parts.

    NumPy and the BLAS release the GIL inside their loops, so Python threads keep all cores busy.
    While they do, the BLAS is kept to one thread each: two threads that each own half of the
    vocabulary, from scores to gradients, need no waiting between the steps, as the two threads
    inside one GEMM call do. The parts are a fixed function of size and threads, so results repeat
    to the bit for a given number of threads.
    """

    def __init__(self, threads: int | None = None) -> None:
        self.threads = threads or usable_cores()
        if threads is not None:
            set_blas_threads(threads)
        self._pool: ThreadPoolExecutor | None = None

    def split(self, work: Work, size: int, *, numbers: int) -> None:
        """Call work(start, stop) for the parts of range(size), which together hold `numbers`."""
        parts = max(1, min(self.threads, size, numbers // _FEWEST_NUMBERS))
        if parts == 1:
            work(0, size)
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.threads - 1, thread_name_prefix="rnnlm")
        edges = [part * size // parts for part in range(parts + 1)]
        set_blas_threads(1)
        try:
            others = [self._pool.submit(work, start, stop) for start, stop in pairwise(edges[1:])]
            work(edges[0], edges[1])
            for other in others:
                other.result()
        finally:
            set_blas_threads(self.threads)
