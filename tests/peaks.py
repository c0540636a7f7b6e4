"""How much memory some work takes at most, beyond what was held before it."""

import gc
import tracemalloc
from collections.abc import Callable


def peak_bytes(work: Callable[[], object], *, again: int = 0) -> int:
    """The most bytes that were held at once while `work` ran; NumPy's arrays are among them.

    It runs so many times `again`, and the least counts: the first time may load modules, and
    another thread of the process may allocate too.
    """
    return min(_peak(work) for _ in range(1 + again))


def _peak(work: Callable[[], object]) -> int:
    gc.collect()  # else what an earlier test left decides when garbage of `work` is let go
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
