"""What a thing takes in seconds of a common processor: this one may be slow, busy, or traced."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

LOOP = 0.04  # seconds that the loop of `slowness` takes a common processor


def slowness() -> float:
    """How many times as long as a common processor this one takes, as loaded as it is; >= 1."""
    began, total = time.process_time(), 0
    for number in range(500_000):
        total += number % 7
    return max(1.0, (time.process_time() - began) / LOOP)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """What is done in it, without a tracer, takes at most `seconds` of a common processor."""
    tracer, before = sys.gettrace(), slowness()
    sys.settrace(None)
    try:
        began = time.process_time()
        yield
        taken = time.process_time() - began
    finally:
        sys.settrace(tracer)
    assert taken / max(before, slowness()) < seconds
