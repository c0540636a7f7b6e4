"""A text cut by several processes, into the very tokens of one.

Of what stands before a block only the quotes that are open matter to it, and most often none is: so
blocks are cut as if none were, and one for which that turns out to be wrong is cut again. The
processes are programs of their own (see worker.py), neither forked nor importing anybody's script:
the threads of a BLAS, a notebook and a script without a guard are no matter to them. What a process
does not do, because it has not begun or has been killed, is done here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import astuple
from queue import SimpleQueue

from rnnlm_cli.corpus.cutting.cut_block import CutBlock
from rnnlm_cli.corpus.cutting.spacing import Opened
from rnnlm_cli.corpus.cutting.units import Tokenizer
from rnnlm_cli.corpus.cutting.worker import receive, send
from rnnlm_cli.machine import free_bytes, usable_cores

PROCESS_BYTES = 150 << 20  # of memory that a process takes
_WORTH = 8 << 20  # bytes of text for each process: to start one takes as long as to cut 1 MB
_MOST = 16  # whoever gathers what they cut is busy with these
_NONE: Opened = frozenset()

Cut = tuple[Opened, CutBlock]  # the quotes that are open after a block, and the block


def processes_for(size: int, threads: int | None = None) -> int:
    """How many processes are worth while for so many bytes of text; 1: none beside this one."""
    if getattr(sys, "frozen", False) or not sys.executable:
        return 1  # what would be started is no Python
    cores = min(threads or _MOST, usable_cores(), _MOST)
    room = (free_bytes() or PROCESS_BYTES * _MOST) // (2 * PROCESS_BYTES)
    return max(1, min(cores, size // _WORTH, room))


def cut_blocks(
    tokenizer: Tokenizer, blocks: Iterable[bytes], processes: int = 1
) -> Generator[CutBlock, None, None]:
    """The tokens of each of the `blocks` of a text in UTF-8, all of which but the last end a line.

    Should they not all be taken, close the iterator: the processes end with it.
    """
    if tokenizer.needs_whole:
        blocks, processes = [b"".join(blocks)], 1
    if processes > 1:
        return _beside(tokenizer, blocks, processes)
    return _here(tokenizer, blocks)


def _here(tokenizer: Tokenizer, blocks: Iterable[bytes]) -> Generator[CutBlock, None, None]:
    opened = _NONE
    for block in blocks:
        opened, cut = _cut(tokenizer, block, opened)
        yield cut


def _cut(tokenizer: Tokenizer, block: bytes, opened: Opened) -> Cut:
    tokens, opened = tokenizer.cut_block(block.decode(), opened)
    return opened, CutBlock.of(tokens)


def _beside(
    tokenizer: Tokenizer, blocks: Iterable[bytes], processes: int
) -> Generator[CutBlock, None, None]:
    opened, under_way = _NONE, deque[tuple[bytes, Future[Cut]]]()
    with closing(_Processes(tokenizer, processes)) as pool:

        def next_cut() -> CutBlock:
            nonlocal opened
            block, future = under_way.popleft()
            found = future.result() if not opened else pool.submit(block, opened).result()
            opened = found[0]
            return found[1]

        for block in blocks:
            under_way.append((block, pool.submit(block)))
            if len(under_way) == 2 * processes:
                yield next_cut()
        while under_way:
            yield next_cut()


class _Processes:
    """So many processes, each with a thread that talks to it."""

    def __init__(self, tokenizer: Tokenizer, count: int) -> None:
        self._tokenizer, self._closed = tokenizer, False
        self._all = list[subprocess.Popen[bytes]]()
        self._free = SimpleQueue[subprocess.Popen[bytes] | None]()
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="rnnlm-cut")
        for _ in range(count):
            self._free.put(self._started())

    def _started(self) -> subprocess.Popen[bytes] | None:
        """A process that knows the tokenizer; None where it cannot be."""
        paths = os.pathsep.join(path or os.getcwd() for path in sys.path)
        try:
            process = subprocess.Popen(
                # -P: what lies in the working folder is not imported for that
                [sys.executable, "-P", "-m", "rnnlm_cli.corpus.cutting.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=os.environ | {"PYTHONPATH": paths, "OPENBLAS_NUM_THREADS": "1"},
            )
        except OSError:
            return None
        self._all.append(process)
        with suppress(OSError):
            assert process.stdin is not None
            send(process.stdin, json.dumps(astuple(self._tokenizer)).encode())
        return process

    def submit(self, block: bytes, opened: Opened = _NONE) -> Future[Cut]:
        """Have `block` cut as it is cut where so many quotes are open before it."""
        return self._threads.submit(self._cut, block, opened)

    def _cut(self, block: bytes, opened: Opened) -> Cut:
        process = self._free.get()  # there are as many as threads
        try:
            found = None if process is None else _asked(process, block, opened)
            if found is None:
                process = None  # it has ended, and is asked no more
                if self._closed:
                    raise EOFError
                found = _cut(self._tokenizer, block, opened)
            return found
        finally:
            self._free.put(process)

    def close(self) -> None:
        """End them all; what is under way is given up."""
        self._closed = True
        for process in self._all:
            process.kill()
        self._threads.shutdown(cancel_futures=True)
        for process in self._all:
            with suppress(OSError), process:  # waits for it, and closes its pipes
                pass


def _asked(process: subprocess.Popen[bytes], block: bytes, opened: Opened) -> Cut | None:
    """What the process makes of `block`; None where it is no more."""
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        send(process.stdin, json.dumps(sorted(opened)).encode(), block)
        after = receive(process.stdout)
        return frozenset(json.loads(after)), CutBlock.unpacked(receive(process.stdout))
    except (OSError, EOFError):
        return None
