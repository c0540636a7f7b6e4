"""The cores of the machine, and who works on them when: the BLAS or our own threads."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import copy_context
from functools import cache, partial
from itertools import pairwise
from threading import Condition, Lock
from typing import Any, TypeVar

from rnnlm_cli.machine import core_quota, usable_cores
from rnnlm_cli.watching import Stop, never

Result = TypeVar("Result")

_BLOCK = 1 << 16  # numbers of a vector on which a thread works at a time
_FEWEST_NUMBERS = 1 << 18  # a part with fewer is done in the 60 µs that handing it over takes


@cache
def _blas_libraries() -> list[Any]:
    """The loaded BLAS libraries whose number of threads can be set."""
    from threadpoolctl import ThreadpoolController

    return list(ThreadpoolController().select(user_api="blas").lib_controllers)


def blas_libraries() -> list[dict[str, Any]]:
    """What threadpoolctl tells of each of them."""
    return [dict(library.info()) for library in _blas_libraries()]


def blas_name() -> str:
    """The BLAS, its version and the kernels it has chosen for this processor."""
    keys = ("internal_api", "version", "architecture")
    return "; ".join(" ".join(str(info.get(key)) for key in keys) for info in blas_libraries())


def set_blas_threads(threads: int) -> None:
    """Let the BLAS use `threads` cores from its next call on; takes about a microsecond."""
    for library in _blas_libraries():
        library.set_num_threads(threads)


class _BlasBlocks:
    """The blocks under way, of all threads of this process, which share one number of the BLAS.

    It is what the newest block asks for, and what it was before the first when none is left. Blocks
    of several threads may end in any order.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._asked: dict[object, int] = {}  # threads, by the block, the newest last
        self._before: list[tuple[Any, int]] = []  # the libraries, with what they had

    def enter(self, block: object, threads: int) -> None:
        """A block begins."""
        with self._lock:
            if not self._asked:
                self._before = [(library, library.num_threads) for library in _blas_libraries()]
            self._asked[block] = threads
            set_blas_threads(threads)

    def leave(self, block: object) -> None:
        """It ends, should it have begun: Ctrl-C may have come before that."""
        with self._lock:
            if self._asked.pop(block, None) is None:
                return
            if self._asked:
                set_blas_threads(next(reversed(self._asked.values())))
            else:
                for library, number in self._before:
                    library.set_num_threads(number)


_blocks = _BlasBlocks()


@contextmanager
def blas_threads(threads: int) -> Iterator[None]:
    """Inside the block the BLAS uses `threads` cores, afterwards as many as before."""
    block = object()
    try:
        _blocks.enter(block, threads)
        yield
    finally:
        _blocks.leave(block)


def let_idle_blas_threads_sleep() -> None:
    """To be called before NumPy is loaded, whose OpenBLAS reads this once.

    An OpenBLAS thread spins for 2^26 cycles, 26 ms, before it sleeps, on a core that our threads
    want: the step of BetterRnnlm took half as long again. 2^18 bridge the gap between two steps.
    """
    os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "18")


def _within_quota() -> int | None:
    """As many threads as the BLAS may use where less time is allowed than it has cores."""
    quota = core_quota()
    if quota is None:
        return None
    return min(quota, *(int(library.num_threads) for library in _blas_libraries()))


Stage = Callable[[int, int], object]


class Cores:
    """`threads` cores that share work.

    NumPy and the BLAS release the GIL inside their loops, so Python threads keep all cores busy.
    While they do, the BLAS is kept to one thread each: two threads that each own half of the
    vocabulary, from scores to gradients, need no waiting between the steps, as the two threads
    inside one GEMM call do.
    """

    def __init__(self, threads: int | None = None) -> None:
        self.threads, self._given = threads or usable_cores(), threads or _within_quota()
        self._pool: ThreadPoolExecutor | None = None
        self._process = 0  # that the threads of the pool are in: one that is forked off has none

    def held(self) -> AbstractContextManager[None]:
        """For whoever computes: inside the block the BLAS has as many threads, if they were given,
        and where only the time of so many cores may be taken.

        So a result repeats to the bit for a number of threads, whoever computed before. Else it has
        what it had: all cores, or what its own environment variable says.
        """
        return nullcontext() if self._given is None else blas_threads(self._given)

    def _beside(self, works: list[Callable[[], Result]]) -> list[Result]:
        """Run all `works` at the same time, the first one in this thread; their results."""
        if self._pool is None or self._process != os.getpid():
            self._process = os.getpid()
            self._pool = ThreadPoolExecutor(self.threads - 1, thread_name_prefix="rnnlm")
        with blas_threads(1):
            # Each in a copy of this thread's context: np.errstate holds in it too.
            others = [self._pool.submit(copy_context().run, work) for work in works[1:]]
            try:
                first = works[0]()
            finally:
                wait(others)
            return [first, *(other.result() for other in others)]

    def split(self, work: Callable[[int, int], Result], size: int, *, numbers: int) -> list[Result]:
        """work(start, stop) for the parts of range(size), which together hold `numbers`, in order.

        The parts are a fixed function of size, numbers and threads, so results repeat to the bit
        for a given number of threads.
        """
        parts = max(1, min(self.threads, size, numbers // _FEWEST_NUMBERS))
        if parts == 1:
            return [work(0, size)]
        edges = [part * size // parts for part in range(parts + 1)]
        return self._beside([partial(work, start, stop) for start, stop in pairwise(edges)])

    def deal(self, work: Callable[[int], object], chunks: int) -> None:
        """work(number of the chunk) for every chunk, by whichever thread is free.

        A thread that is interrupted or fails keeps the others for no longer than their chunk.
        """
        self.pipeline([lambda stage, chunk: work(chunk)], chunks, in_order=0)

    def pipeline(
        self, stages: list[Stage], chunks: int, *, in_order: int, stop: Stop = never
    ) -> bool:
        """Take every chunk through all stages: stage(number of the stage, number of the chunk).

        A chunk goes through its stages one after the other; the first `in_order` stages take the
        chunks one after the other too. What can be done is done by whichever thread is free, the
        oldest chunk first, so who does what has no influence on the result.

        `stop` is asked after every task, and no other is begun once it has said yes: returns
        whether it never did.
        """
        plan = _Plan(stages, chunks, in_order, stop)
        if self.threads == 1:
            with blas_threads(1):  # as beside others: two add up a product in another order
                plan.work()
        elif chunks == 1:
            plan.work()
        else:
            self._beside([plan.work] * self.threads)
        return not plan.stopped


class _Plan:
    """What of a pipeline is done, under way and open."""

    def __init__(self, stages: list[Stage], chunks: int, in_order: int, stop: Stop) -> None:
        self._stages, self._chunks, self._in_order = stages, chunks, in_order
        self._stop, self.stopped = stop, False
        self._next = [0] * len(stages)  # the chunk that each stage takes next
        self._done: set[tuple[int, int]] = set()
        self._busy = [False] * len(stages)
        self._failed = False
        self._changed = Condition()

    def work(self) -> None:
        """One thread's share: take tasks until there are none left."""
        try:
            while (task := self._take()) is not None:
                self._do(*task)
        except BaseException:  # Ctrl-C too, which finds this thread waiting for a task as well
            with self._changed:
                self._failed = True
                self._changed.notify_all()
            raise

    def _do(self, stage: int, chunk: int) -> None:
        self._stages[stage](stage, chunk)
        stop = self._stop()
        with self._changed:  # a stage that fails is never done: no other thread goes on from it
            self.stopped |= stop
            self._done.add((stage, chunk))
            self._busy[stage] = False
            self._changed.notify_all()

    def _take(self) -> tuple[int, int] | None:
        """The next task, as soon as there is one; None when all are taken, or no more is due."""
        with self._changed:
            while not (self._failed or self.stopped) and self._next[-1] < self._chunks:
                ready = [(self._next[s], -s) for s in range(len(self._stages)) if self._ready(s)]
                if ready:
                    chunk, stage = min(ready)
                    self._next[-stage] += 1
                    self._busy[-stage] = True
                    return -stage, chunk
                self._changed.wait()
        return None

    def _ready(self, stage: int) -> bool:
        chunk = self._next[stage]
        free = stage >= self._in_order or not self._busy[stage]
        return chunk < self._chunks and free and (stage == 0 or (stage - 1, chunk) in self._done)


def in_blocks(cores: Cores, size: int, work: Callable[[slice], Result]) -> list[Result]:
    """`work` of every block of a vector of `size` numbers, on all cores; its results in order.

    The blocks depend on the size alone, so results repeat to the bit for any number of cores.
    """

    def part(start: int, stop: int) -> list[Result]:
        blocks = ((block * _BLOCK, (block + 1) * _BLOCK) for block in range(start, stop))
        return [work(slice(first, min(size, last))) for first, last in blocks]

    parts = cores.split(part, -(-size // _BLOCK), numbers=size)
    return [result for results in parts for result in results]
