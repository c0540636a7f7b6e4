"""Elementwise work on blocks of rows, spread over threads."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


def usable_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class RowBlocks:
    """Calls `work(block, start, stop)` for every block of rows, on several Python threads.

    NumPy releases the GIL inside its loops, so elementwise maths runs on all cores; the blocks are
    small enough to stay in a core's cache from one pass to the next. Blocks are a fixed function
    of the number of rows, so results do not depend on the number of threads.
    """

    def __init__(self, block_rows: int, threads: int | None = None) -> None:
        self.block_rows = block_rows
        self.threads = threads or usable_cores()
        self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="rows")

    def count(self, rows: int) -> int:
        """The number of blocks that `rows` rows make."""
        return -(-rows // self.block_rows)

    def run(self, work: Callable[[int, int, int], None], rows: int) -> None:
        """Run `work` over all blocks; returns when the last one is done."""
        blocks, size = self.count(rows), self.block_rows

        def every_nth(first: int) -> None:
            for block in range(first, blocks, self.threads):
                work(block, block * size, min(rows, (block + 1) * size))

        if blocks == 1:
            every_nth(0)
        else:
            list(self._pool.map(every_nth, range(self.threads)))


def limit_threads(threads: int | None) -> None:
    """Let the BLAS of this process use at most `threads` cores; None leaves it as it is."""
    if threads is not None:
        from threadpoolctl import threadpool_limits

        threadpool_limits(threads)
